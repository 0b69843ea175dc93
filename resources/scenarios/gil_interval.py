"""Threads that count, under a switch interval of your choice.

    python3 gil_interval.py
        0.5, 5 and 50 ms, and how long each takes
    python3 gil_interval.py INTERVAL_US [THREADS [STEPS]]
"""
import sys
import threading
import time

import timeslice


def count_down(n):
    while n > 0:
        n -= 1


def worker(number, ready, start, n):
    timeslice.name_thread("Thread %d" % number)
    for _ in range(10):  # warm up: CPython 3.11 specializes a function when it has been called 8 times (QUICKENING_WARMUP_DELAY)
        count_down(10000)
    ready.release()
    start.wait()  # until all are here
    timeslice.work_begin()
    count_down(n)
    timeslice.work_end()


def run(interval, threads, steps):
    sys.setswitchinterval(interval)  # how long a thread that wants the GIL waits before it asks for it
    ready, start = threading.Semaphore(0), threading.Event()
    crew = []
    for i in range(threads):
        crew.append(threading.Thread(target=worker, args=(i + 1, ready, start, steps // threads), daemon=True))
    for each in crew:
        each.start()
    for each in crew:
        ready.acquire()
    start.set()  # from here on this thread only waits, and asks nobody for the GIL
    for each in crew:
        each.join()


if __name__ == "__main__":
    arguments = [int(each) for each in sys.argv[1:]]
    threads = arguments[1] if len(arguments) > 1 else 2
    steps = arguments[2] if len(arguments) > 2 else 12000000
    for interval in arguments[:1] or [500, 5000, 50000]:
        began = time.perf_counter()
        run(interval / 1e6, threads, steps)
        print("switch interval %5.1f ms: %.2f s" % (interval / 1000, time.perf_counter() - began))
