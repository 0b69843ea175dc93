"""One amount of counting, shared by more and more processes.

    python3 gil_two_processes.py
        1, 2, 4 and 8 processes, and how long each takes
    python3 gil_two_processes.py PROCESSES [STEPS]
"""
import multiprocessing
import sys
import time

import timeslice

fork = multiprocessing.get_context("fork")


def count_down(n):
    while n > 0:
        n -= 1


def worker(number, start, n):
    timeslice.name_thread("Process %d" % number)
    for _ in range(10):  # warm up: CPython 3.11 specializes a function when it has been called 8 times (QUICKENING_WARMUP_DELAY)
        count_down(10000)
    start.wait()  # until all are here
    timeslice.work_begin()
    count_down(n)
    timeslice.work_end()


def run(processes, steps):
    timeslice.name_thread("Parent")
    start = fork.Barrier(processes)
    crew = [fork.Process(target=worker, args=(i + 1, start, steps // processes), daemon=True) for i in range(processes)]
    for each in crew:
        each.start()
    for each in crew:
        each.join()


if __name__ == "__main__":
    counts = [int(sys.argv[1])] if len(sys.argv) > 1 else [1, 2, 4, 8]
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 20000000
    for processes in counts:
        began = time.perf_counter()
        run(processes, steps)
        print("%d process%s %.2f s" % (processes, "es" if processes > 1 else "  ", time.perf_counter() - began))
