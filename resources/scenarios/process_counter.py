"""Processes that count up one number in shared memory. Each has its own GIL; is that protection enough?

    python3 process_counter.py
        all three ways
    python3 process_counter.py WAY [PROCESSES [UPDATES]]
        WAY: bare (shared memory, no lock), value (multiprocessing.Value as it is), or get-lock
"""
import multiprocessing
import sys

import timeslice


def count_bare(shared, updates):
    for _ in range(updates):
        shared.value += 1


count_value = count_bare  # the same line: only, this Value has a lock and takes it for each read and each write


def count_get_lock(shared, updates):
    for _ in range(updates):
        with shared.get_lock():
            shared.value += 1


WAYS = {"bare": count_bare, "value": count_value, "get-lock": count_get_lock}


def worker(number, way, start, shared, updates):
    timeslice.name_thread("Process %d" % number)
    start.wait()
    timeslice.work_begin()
    WAYS[way](shared, updates)
    timeslice.work_end()


def run(way, processes, updates):
    timeslice.name_thread("Parent")
    shared = multiprocessing.Value("q", 0, lock=way != "bare")
    start = multiprocessing.Barrier(processes)
    workers = []
    for i in range(processes):
        arguments = (i + 1, way, start, shared, updates)
        workers.append(multiprocessing.Process(target=worker, args=arguments, daemon=True))
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    expected = processes * updates
    timeslice.result(counters={"x": (expected, shared.value)})
    print("%-8s %d of %d: %.1f %% lost" % (way, shared.value, expected, 100 - 100 * shared.value / expected))


if __name__ == "__main__":
    processes = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    updates = int(sys.argv[3]) if len(sys.argv) > 3 else 100000
    for way in sys.argv[1:2] or WAYS:
        run(way, processes, updates)
