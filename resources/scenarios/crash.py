"""Four workers answer requests, each of which waits for a database. Halfway through, one of them crashes.

    python3 crash.py
        all but the first way, which takes this program with it
    python3 crash.py WAY [REQUESTS [MILLISECONDS]]
        WAY: thread, child, executor or own; each request waits that long
"""
import concurrent.futures
import ctypes
import multiprocessing
import multiprocessing.connection
import os
import queue
import sys
import threading
import time
import traceback

import timeslice

WORKERS = 4
fork = multiprocessing.get_context("fork")


def crash():
    timeslice.mark("crashes")
    ctypes.string_at(0)  # reads what is not there: a segmentation fault


def give_up(kind, value, trace):
    """No process is left, say. Python would wait at its end for the workers that there are, and they for requests."""
    traceback.print_exception(kind, value, trace)
    for each in multiprocessing.active_children():
        each.terminate()
    os._exit(1)


def request(number, crashing, seconds):
    time.sleep(seconds)  # the database takes its time
    if number == crashing:
        crash()
    return number


class Tally:
    """How many requests a second were answered before the crash and after it. It reports what it knows at each answer:
    nobody knows for how long there is somebody to report."""

    def __init__(self, count):
        self.half = count // 2
        self.times = [time.monotonic()]
        self.extra = {"answered": 0, "before_per_s": 0, "after_per_s": 0, "share": 0, "survivors": 0}
        timeslice.result(extra=self.extra)

    def add(self):
        self.times.append(time.monotonic())
        answered = self.extra["answered"] = len(self.times) - 1
        begun, settled = 2 * WORKERS, self.half + 2 * WORKERS  # the start, and what was under way, do not count
        if answered == self.half - WORKERS:
            self.extra["before_per_s"] = (answered - begun) / (self.times[-1] - self.times[begun])
        if answered > settled:
            self.extra["after_per_s"] = (answered - settled) / (self.times[-1] - self.times[settled])
            self.extra["share"] = self.extra["after_per_s"] / self.extra["before_per_s"]
        timeslice.result(extra=self.extra)

    def survivors(self, number):
        self.extra["survivors"] = number


def in_threads(tally, count, seconds):
    requests, answers = queue.Queue(), queue.Queue()

    def worker(number):
        timeslice.name_thread("Worker %d" % number)
        for each in iter(requests.get, None):
            answers.put(request(each, count // 2, seconds))

    for number in range(count):
        requests.put(number)
    for i in range(WORKERS):
        threading.Thread(target=worker, args=(i + 1,), daemon=True).start()
    while True:
        answers.get()
        tally.add()


def hired(numbers):
    timeslice.name_thread("Worker %d" % numbers.get())


def by_executor(tally, count, seconds):
    numbers = fork.SimpleQueue()
    for i in range(WORKERS):
        numbers.put(i + 1)
    with concurrent.futures.ProcessPoolExecutor(WORKERS, fork, hired, (numbers,)) as pool:
        futures = [pool.submit(request, number, count // 2, seconds) for number in range(count)]
        for future in concurrent.futures.as_completed(futures):
            if future.exception() is None:  # else BrokenProcessPool
                tally.add()


def serve(name, connection, crashing, seconds):
    timeslice.name_thread(name)
    for number in iter(connection.recv, None):
        connection.send(request(number, crashing, seconds))


def by_pool(tally, count, seconds, replace):
    """A pool of our own: a pipe to each worker. A pipe that ends is a worker that died."""
    waiting, crew = list(reversed(range(count))), {}

    def hire(number):
        ours, theirs = fork.Pipe()
        process = fork.Process(target=serve, args=("Worker %d" % number, theirs, count // 2, seconds))
        process.start()
        theirs.close()  # so that only the worker has it, and it ends with the worker
        ours.send(waiting.pop())
        crew[ours] = process

    for number in range(WORKERS):
        hire(number + 1)
    hired = WORKERS
    while crew:
        for connection in multiprocessing.connection.wait(crew):
            try:
                connection.recv()
                tally.add()
                connection.send(waiting.pop() if waiting else None)
            except (EOFError, ConnectionError):
                crew.pop(connection).join()
                if waiting and replace:
                    hired += 1
                    hire(hired)
                if waiting:
                    tally.survivors(len(crew))


def run(way, count=200, milliseconds=20.0):
    timeslice.name_thread("Server")
    tally = Tally(count)
    timeslice.work_begin()
    if way == "thread":
        in_threads(tally, count, milliseconds / 1000)
    elif way == "executor":
        by_executor(tally, count, milliseconds / 1000)
    else:
        by_pool(tally, count, milliseconds / 1000, replace=way == "own")
    timeslice.work_end()
    print("%-8s of %d requests, %d were answered: %.0f a second before the crash, %.0f after it; %d of %d workers went on"
          % (way, count, tally.extra["answered"], tally.extra["before_per_s"], tally.extra["after_per_s"],
             tally.extra["survivors"], WORKERS))


if __name__ == "__main__":
    sys.excepthook = give_up
    threading.excepthook = lambda failure: give_up(*failure[:3])  # of a thread of the pool's
    if len(sys.argv) > 2:
        run(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else 20.0)
    else:
        for way in sys.argv[1:2] or ["executor", "child", "own"]:
            run(way)
