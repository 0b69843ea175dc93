"""Eight workers that do nothing, and the memory that they take: as the kernel's different counts have it.

    python3 memory_footprint.py
        every way, and what is counted
    python3 memory_footprint.py WAY [WORKERS [MEGABYTES]]
        WAY: thread, fork, forkserver or spawn; MEGABYTES of data that the parent has
"""
import multiprocessing
import os
import sys
import threading
import time

import timeslice

MB = 1024  # of kB


def kilobytes(path, key):
    with open(path) as lines:
        return sum(int(line.split()[1]) for line in lines if line.startswith(key))


def family(pids):
    """Megabytes of these processes together: Rss, Pss, and what is theirs alone."""
    maps = ["/proc/%d/smaps_rollup" % pid for pid in pids]
    return [sum(kilobytes(each, key) for each in maps) / MB for key in ("Rss:", "Pss:", "Private_")]


def available():
    return kilobytes("/proc/meminfo", "MemAvailable:") / MB


def worker(number, ready, done):
    timeslice.name_thread("Worker %d" % number)
    ready.release()
    done.wait()


def run(way, workers, megabytes):
    timeslice.name_thread("Parent")
    data = b"x" * (megabytes << 20)
    parallel, kind = threading, threading.Thread
    if way != "thread":
        parallel = multiprocessing.get_context(way)
        kind = parallel.Process
    ready, done = parallel.Semaphore(0), parallel.Event()
    before, free = family([os.getpid()]), available()
    timeslice.work_begin()
    crew = [kind(target=worker, args=(i + 1, ready, done), daemon=True) for i in range(workers)]
    for each in crew:
        each.start()
    for each in crew:
        ready.acquire()
    timeslice.mark("all there; counts memory in 0.2 s")
    time.sleep(0.2)  # until they have settled
    children = [] if way == "thread" else [each.pid for each in crew]
    everybody = family([os.getpid()] + children)
    more = [after - first for after, first in zip(everybody, before)]
    if children:
        more[2] = family(children)[2]  # not the parent's, whose pages are shared with them now
    used = free - available()
    done.set()
    for each in crew:
        each.join()
    timeslice.work_end()
    del data
    rss, pss, private = more
    timeslice.result(extra={"rss_mb": rss, "pss_mb": pss, "private_mb": private, "machine_mb": max(0, used)})
    return rss, pss, private, used


if __name__ == "__main__":
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    megabytes = int(sys.argv[3]) if len(sys.argv) > 3 else 64
    for way in sys.argv[1:2] or ["thread", "fork", "forkserver", "spawn"]:
        print("%-10s more Rss %.1f, Pss %.1f, private %.1f MB; the machine has %.1f MB less"
              % ((way,) + run(way, workers, megabytes)))
