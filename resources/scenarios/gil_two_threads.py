"""The same counting, done by one thread, by several threads, and by several processes.

    python3 gil_two_threads.py
        all three, and how long each takes
    python3 gil_two_threads.py WAY [WORKERS [STEPS]]
        WAY: one, threads or processes
"""
import multiprocessing
import sys
import threading
import time

import timeslice

fork = multiprocessing.get_context("fork")


def count_down(n):
    while n > 0:
        n -= 1


def worker(name, start, n):
    timeslice.name_thread(name)
    for _ in range(10):  # warm up: CPython 3.11 specializes a function when it has been called 8 times (QUICKENING_WARMUP_DELAY)
        count_down(10000)
    start.wait()  # until all are here
    timeslice.work_begin()
    count_down(n)
    timeslice.work_end()


def run(way, workers, steps):
    if way == "one":
        workers = 1
    if way == "processes":
        timeslice.name_thread("Parent")
        kind, start = fork.Process, fork.Barrier(workers)
    else:
        kind, start = threading.Thread, threading.Barrier(workers)
    crew = []
    for i in range(workers):
        name = "%s %d" % ("Process" if way == "processes" else "Thread", i + 1)
        crew.append(kind(target=worker, args=(name, start, steps // workers), daemon=True))
    for each in crew:
        each.start()
    for each in crew:
        each.join()


if __name__ == "__main__":
    arguments = sys.argv[1:] + [None] * 3
    workers = int(arguments[1] or 2)
    steps = int(arguments[2] or 12000000)
    for way in [arguments[0]] if arguments[0] else ["one", "threads", "processes"]:
        began = time.perf_counter()
        run(way, workers, steps)
        print("%-10s %.2f s" % (way, time.perf_counter() - began))
