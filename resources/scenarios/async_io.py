"""Fifty waits: one after another, in threads, in one thread with asyncio. Then somebody computes beside them.

    python3 async_io.py
        all ways, and how late the waits ended
    python3 async_io.py WAY [WAITS [MILLISECONDS [STEPS]]]
        WAY: in-turn, threads or asyncio; asyncio-hog, threads-hog or processes-hog with a hog of so many steps
"""
import asyncio
import multiprocessing
import sys
import threading
import time

import timeslice


def ended(due, late):
    late.append(time.perf_counter() - due)
    timeslice.latency(int(late[-1] * 1e9))


def wait(seconds, late):
    due = time.perf_counter() + seconds
    time.sleep(seconds)  # as for an answer from the network
    ended(due, late)


async def wait_async(seconds, late):
    due = time.perf_counter() + seconds
    await asyncio.sleep(seconds)  # the event loop does something else meanwhile
    ended(due, late)


def hog(steps):
    began = time.perf_counter()
    while steps > 0:
        steps -= 1
    timeslice.result(extra={"hog_ms": (time.perf_counter() - began) * 1000})


def hog_beside(start, steps):
    timeslice.name_thread("Hog")
    start.wait()
    hog(steps)


def waiter(number, start, seconds, late):
    timeslice.name_thread("Waiter %d" % number)
    start.wait()
    wait(seconds, late)


def in_turn(waits, seconds, late):
    timeslice.name_thread("One thread")
    timeslice.work_begin()
    for _ in range(waits):
        wait(seconds, late)
    timeslice.work_end()


async def together(waits, seconds, steps, late):
    jobs = [asyncio.ensure_future(wait_async(seconds, late)) for _ in range(waits)]
    await asyncio.sleep(0)  # all of them have begun to wait
    if steps:
        hog(steps)  # no await in it: until it is done, nobody else has a turn
    await asyncio.gather(*jobs)


def with_asyncio(waits, seconds, steps, late):
    timeslice.name_thread("Event loop")
    timeslice.work_begin()
    asyncio.run(together(waits, seconds, steps, late))
    timeslice.work_end()


def with_threads(waits, seconds, kind, steps, late):
    parallel = multiprocessing.get_context("fork") if kind == "processes" else threading
    start = parallel.Event()
    hogs = []
    if steps:
        hog_kind = parallel.Process if kind == "processes" else threading.Thread
        hogs = [hog_kind(target=hog_beside, args=(start, steps), daemon=True)]
    crew = [threading.Thread(target=waiter, args=(i + 1, start, seconds, late), daemon=True) for i in range(waits)]
    for each in hogs + crew:
        each.start()
    time.sleep(0.02)  # all are waiting for the start
    timeslice.work_begin()
    start.set()
    for each in crew + hogs:
        each.join()
    timeslice.work_end()


def run(way, waits, seconds, steps):
    late = []
    kind, hogged = way.split("-hog")[0], way.endswith("-hog")
    if way == "in-turn":
        worker, arguments = in_turn, (waits, seconds, late)
    elif kind == "asyncio":
        worker, arguments = with_asyncio, (waits, seconds, steps if hogged else 0, late)
    else:
        return with_threads(waits, seconds, kind, steps if hogged else 0, late) or late
    thread = threading.Thread(target=worker, args=arguments, daemon=True)
    thread.start()
    thread.join()
    return late


if __name__ == "__main__":
    waits = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    seconds = float(sys.argv[3]) / 1000 if len(sys.argv) > 3 else 0.02
    steps = int(sys.argv[4]) if len(sys.argv) > 4 else 5000000
    for way in sys.argv[1:2] or ["in-turn", "threads", "asyncio", "asyncio-hog", "threads-hog", "processes-hog"]:
        began = time.perf_counter()
        late = sorted(run(way, waits, seconds, steps))
        print("%-14s %4.0f ms; half of the waits ended %.1f ms or more too late"
              % (way, (time.perf_counter() - began) * 1000, late[len(late) // 2] * 1000))
