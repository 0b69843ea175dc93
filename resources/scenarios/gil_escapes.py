"""Ways around the GIL: the same counting in threads, in processes, and in interpreters within one process.

    python3 gil_escapes.py
        those that this Python has, and how long each takes
    python3 gil_escapes.py WAY [WORKERS [STEPS]]
        WAY: threads, processes or interpreters

Runs under Jython (Python 2.7), too: there, and in a free-threaded Python, threads are a way around it already.
"""
from __future__ import print_function

import sys
import threading
import time

import timeslice

COUNT_DOWN = """
def count_down(n):
    while n > 0:
        n -= 1
"""
exec(COUNT_DOWN)


def worker(name, ready, start, n):
    timeslice.name_thread(name)
    for _ in range(10):  # warm up: compilers take their time, CPython 3.11 (QUICKENING_WARMUP_DELAY) 8 calls
        count_down(100000)
    ready.release()
    start.wait()  # until all are here
    timeslice.work_begin()
    count_down(n)
    timeslice.work_end()


def worker_in_interpreter(name, ready, start, n):
    timeslice.name_thread(name)
    execute = new_interpreter()  # its own GIL, its own modules; nothing is shared
    execute(COUNT_DOWN + "count_down(1000000)")
    ready.release()
    start.wait()
    timeslice.work_begin()
    execute("count_down(%d)" % n)
    timeslice.work_end()


def new_interpreter():
    """A function that runs code in a new interpreter. Each version of Python calls them by another name.

    Not by ".exec": Python 2, which reads this file as well, has a statement of that name.
    """
    if sys.version_info >= (3, 14):
        from concurrent import interpreters

        return getattr(interpreters.create(), "exec")
    if sys.version_info >= (3, 13):
        import _interpreters

        number = _interpreters.create()
        return lambda code: getattr(_interpreters, "exec")(number, code)
    import _xxsubinterpreters

    number = _xxsubinterpreters.create()
    return lambda code: _xxsubinterpreters.run_string(number, code)


def run(way, workers, steps):
    kind, title, parallel = threading.Thread, "Thread", threading
    if way == "processes":
        import multiprocessing

        timeslice.name_thread("Parent")
        parallel = multiprocessing.get_context("fork")
        kind, title = parallel.Process, "Process"
    elif way == "interpreters":
        title = "Interpreter"
    job = worker_in_interpreter if way == "interpreters" else worker
    ready, start = parallel.Semaphore(0), parallel.Event()
    crew = []
    for i in range(workers):
        crew.append(kind(target=job, args=("%s %d" % (title, i + 1), ready, start, steps // workers)))
    for each in crew:
        each.daemon = True  # should one of them not start, the others wait for nobody
        each.start()
    for each in crew:
        ready.acquire()
    began = time.time()
    start.set()
    for each in crew:
        each.join()
    took = time.time() - began
    timeslice.result(extra={"took_s": took, "python_minor": sys.version_info[1], "python": "%d.%d" % sys.version_info[:2]})
    return took


def ways():
    yield "threads"
    if "java" not in sys.platform:
        yield "processes"
    if sys.version_info >= (3, 12) and sys.implementation.name == "cpython":
        yield "interpreters"


if __name__ == "__main__":
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    steps = int(sys.argv[3]) if len(sys.argv) > 3 else 10000000
    for way in sys.argv[1:2] or ways():
        print("%-12s %.2f s" % (way, run(way, workers, steps)))
