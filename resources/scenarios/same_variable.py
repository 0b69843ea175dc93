"""A global variable, a worker that writes to it, and what its parent reads afterwards.

    python3 same_variable.py
        in a thread, then in a process
    python3 same_variable.py thread|process [VALUE [METHOD]]
        METHOD: fork, forkserver or spawn
"""
import ctypes
import mmap
import multiprocessing
import sys
import threading

import timeslice

x = 0
page = mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
if hasattr(page, "madvise"):
    page.madvise(mmap.MADV_DONTDUMP)  # unlike its neighbours, so that the kernel counts it by itself
page[0] = 1


def page_kb():
    """The page's Pss in /proc/self/smaps: its size, divided by the number of processes that have it."""
    address = "%x-" % ctypes.addressof(ctypes.c_char.from_buffer(page))
    with open("/proc/self/smaps") as smaps:
        _, found, area = smaps.read().partition("\n" + address)
    return int(area.split("\nPss:")[1].split()[0]) if found else None


def worker(value, answer):
    global x
    timeslice.name_thread("Worker")
    timeslice.work_begin()
    before = page_kb()
    x = value
    page[0] = 2
    timeslice.mark("the worker writes x =", value)
    answer.send((x, before, page_kb()))


def run(way, value, method="fork"):
    kind = threading.Thread
    if way == "process":
        kind = multiprocessing.get_context(method).Process
    timeslice.name_thread("Parent")
    reader, answer = multiprocessing.Pipe(duplex=False)
    alone = page_kb()
    child = kind(target=worker, args=(value, answer))
    child.start()
    in_worker, shared, written = reader.recv()
    child.join()
    timeslice.mark("the parent reads x =", x)
    timeslice.work_end()
    timeslice.result(extra={"worker_reads": in_worker, "parent_reads": x, "page_alone_kb": alone,
                            "page_shared_kb": shared, "page_written_kb": written,
                            "worker_finds": "x = %d" % in_worker, "parent_finds": "x = %d" % x})
    print("%-8s worker reads %d, parent reads %d; the page counts %s kB, with a worker %s, written to %s"
          % (way, in_worker, x, alone, shared, written))


if __name__ == "__main__":
    value = int(sys.argv[2]) if len(sys.argv) > 2 else 99
    for way in sys.argv[1:2] or ["process", "thread"]:
        run(way, value, *sys.argv[3:])
