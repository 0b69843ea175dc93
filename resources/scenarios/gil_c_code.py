"""Two kinds of computing in threads: hashing, which C code does, and counting, which Python does.

    python3 gil_c_code.py
        hashing in 1 and in 2 threads, then counting in 2
    python3 gil_c_code.py hash|count [THREADS [AMOUNT]]
        AMOUNT: megabytes to hash, or steps to count
"""
import hashlib
import sys
import threading
import time

import timeslice

MEGABYTES = 8
DATA = b"x" * (MEGABYTES << 20)


def hash_blocks(n):
    for _ in range(n):
        hashlib.sha256(DATA)  # C code that lets go of the GIL: it touches no Python object meanwhile


def count_down(n):
    while n > 0:  # every step needs the GIL
        n -= 1


def worker(number, start, job, n):
    timeslice.name_thread("Thread %d" % number)
    job(n // 20)  # warm up
    start.wait()  # until all are here
    timeslice.work_begin()
    job(n)
    timeslice.work_end()


def run(job, threads, amount):
    start = threading.Barrier(threads)
    crew = []
    for i in range(threads):
        share = amount * (i + 1) // threads - amount * i // threads
        crew.append(threading.Thread(target=worker, args=(i + 1, start, job, share), daemon=True))
    for each in crew:
        each.start()
    for each in crew:
        each.join()


if __name__ == "__main__":
    jobs = {"hash": (hash_blocks, 640), "count": (count_down, 15000000)}
    runs = [("hash", 1), ("hash", 2), ("count", 2)]
    if len(sys.argv) > 1:
        runs = [(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2)]
    for name, threads in runs:
        job, amount = jobs[name]
        if len(sys.argv) > 3:
            amount = int(sys.argv[3])
        if name == "hash":
            amount //= MEGABYTES
        began = time.perf_counter()
        run(job, threads, amount)
        print("%-5s in %d thread%s %.2f s" % (name, threads, "s" * (threads > 1), time.perf_counter() - began))
