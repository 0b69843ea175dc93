"""A worker that holds a lock, has half written a file, and naps. Then it is to stop: three ways to ask.

    python3 kill_it.py
        each way, how long it took, and what was left behind
    python3 kill_it.py terminate|exception|event [NAP_MS [REQUEST_MS]]
        terminate: SIGTERM to a process; exception: raised in a thread from outside; event: the thread asks
"""
import ctypes
import multiprocessing
import os
import sys
import tempfile
import threading
import time

import timeslice

fork = multiprocessing.get_context("fork")


class Stop(Exception):
    pass


def write(path, lock, begun, pause):
    """Two lines under a lock, and a pause between them."""
    with lock, open(path, "w") as file:
        file.write("begin\n")
        file.flush()
        begun.set()
        pause()
        file.write("end\n")


def worker(path, lock, begun, pause):
    timeslice.name_thread("Worker")
    try:
        write(path, lock, begun, pause)
    except Stop:
        pass  # raised from outside: the lock was given back on the way, the second line was never written


def stop_thread(thread):
    """Makes CPython raise Stop in the thread, as soon as that runs Python code again."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Stop))


def run(way, nap, wait):
    timeslice.name_thread("Parent")
    parallel = fork if way == "terminate" else threading
    lock, begun, asked = parallel.Lock(), parallel.Event(), threading.Event()
    handle, path = tempfile.mkstemp()
    os.close(handle)

    def pause():
        if way == "event":
            asked.wait(nap)
        else:
            time.sleep(nap)

    kind = fork.Process if way == "terminate" else threading.Thread
    child = kind(target=worker, args=(path, lock, begun, pause))
    timeslice.work_begin()
    started = time.monotonic()
    child.start()
    begun.wait()
    time.sleep(wait)
    timeslice.mark("stop!")
    request = time.monotonic()
    if way == "terminate":
        child.terminate()
    elif way == "exception":
        stop_thread(child)
    else:
        asked.set()
    child.join()
    end = time.monotonic()  # it is gone, and its parent knows
    timeslice.work_end()
    free = lock.acquire(timeout=0.1)  # if its holder was killed, this is in vain
    if not free:
        timeslice.mark("the lock is not to be had")
    with open(path) as file:
        lines = len(file.readlines())
    os.remove(path)
    took = end - request
    timeslice.result(extra={
        "asked_ms": 1000 * (request - started), "took_ms": 1000 * took, "rest_share": took / (nap - wait), "lines": lines, "locks_held": int(not free),
        "lock": "ok" if free else "held for ever", "file": "ok" if lines == 2 else "%d of 2 lines" % lines})
    return 1000 * took, lines, "free" if free else "held for ever"


if __name__ == "__main__":
    nap = float(sys.argv[2]) / 1000 if len(sys.argv) > 2 else 2
    wait = float(sys.argv[3]) / 1000 if len(sys.argv) > 3 else 0.2
    for way in sys.argv[1:2] or ["terminate", "exception", "event"]:
        print("%-10s ended after %.1f ms; lines in its file: %d of 2; its lock: %s" % ((way,) + run(way, nap, wait)))
