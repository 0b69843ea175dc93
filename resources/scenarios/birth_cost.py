"""What it costs to start a worker and to be rid of it again: many births, one after another, and the middle one.

    python3 birth_cost.py
        every way that this Python has
    python3 birth_cost.py WAY [BIRTHS [MEGABYTES]]
        WAY: thread, interpreter, fork, forkserver or spawn; MEGABYTES that the parent has in memory
"""
import multiprocessing
import os
import statistics
import struct
import sys
import threading
import time

import timeslice


def worker(answer, number):
    now = time.monotonic()  # its first line
    timeslice.name_thread("Worker %d" % number)
    os.write(answer.fileno(), struct.pack("d", now))


class Interpreter(threading.Thread):
    """A thread with an interpreter, and so a GIL, of its own. Each version of Python calls them by another name."""

    CODE = "import time; now = time.monotonic(); import os, struct; os.write(%d, struct.pack('d', now))"

    def __init__(self, target, args):
        super().__init__()
        self.code = self.CODE % args[0].fileno()
        if sys.version_info >= (3, 14):
            from concurrent import interpreters

            own = interpreters.create()
            self.execute, self.close = own.exec, own.close
            return
        if sys.version_info >= (3, 13):
            import _interpreters as interpreters
        else:
            import _xxsubinterpreters as interpreters
        own = interpreters.create()
        self.execute = lambda code: interpreters.run_string(own, code)
        self.close = lambda: interpreters.destroy(own)

    def run(self):
        self.execute(self.code)
        self.close()


KINDS = {"thread": threading.Thread, "interpreter": Interpreter}
if sys.version_info < (3, 12):
    del KINDS["interpreter"]
for method in ("fork", "forkserver", "spawn"):
    KINDS[method] = multiprocessing.get_context(method).Process


def birth(kind, number):
    """Milliseconds for each step: the object, start(), the first line (from start() on), the end (from there on)."""
    reader, answer = multiprocessing.Pipe(duplex=False)
    began = time.monotonic()
    child = kind(target=worker, args=(answer, number))
    created = time.monotonic()
    child.start()
    started = time.monotonic()
    first = struct.unpack("d", os.read(reader.fileno(), 8))[0]
    child.join()
    joined = time.monotonic()
    steps = (created - began, started - created, first - created, joined - first, joined - began)
    return [1000 * seconds for seconds in steps]


def run(way, births, megabytes):
    timeslice.name_thread("Parent")
    memory = b"x" * (megabytes << 20)
    birth(KINDS[way], 0)  # warm up: the first one loads modules, and starts the server of forkserver
    timeslice.work_begin()
    times = [birth(KINDS[way], number + 1) for number in range(births)]
    timeslice.work_end()
    del memory
    middle = [statistics.median(step) for step in zip(*times)]
    timeslice.result(extra=dict(zip(("create_ms", "start_ms", "first_ms", "join_ms", "all_ms"), middle)))
    return middle


if __name__ == "__main__":
    births = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    megabytes = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    for way in sys.argv[1:2] or KINDS:
        print("%-11s create %.3f, start %.3f, first line %.3f, join %.3f, all %.3f ms"
              % (way, *run(way, births, megabytes)))
