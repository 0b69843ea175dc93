"""Which one? The same jobs, first computing and then waiting, in threads, processes, asyncio and sub-interpreters.

    python3 which_one.py
        the ways that this Python has, and how long each takes
    python3 which_one.py WAY [JOBS [STEPS [MILLISECONDS]]]
        WAY: in-turn, threads, processes, asyncio or interpreters; STEPS: of all jobs together
"""
import asyncio
import multiprocessing
import sys
import threading
import time

import timeslice

COMPUTE = """
def compute(steps):
    while steps > 0:
        steps -= 1
"""
exec(COMPUTE)


def warm_up():
    """CPython 3.11 specializes a function when it has been called 8 times (QUICKENING_WARMUP_DELAY)."""
    for _ in range(10):
        compute(10000)


def new_interpreter():
    """A function that runs code in a new interpreter. Each version of Python calls them by another name."""
    if sys.version_info >= (3, 14):
        from concurrent import interpreters

        return interpreters.create().exec
    if sys.version_info >= (3, 13):
        import _interpreters

        number = _interpreters.create()
        return lambda code: _interpreters.exec(number, code)
    import _xxsubinterpreters

    number = _xxsubinterpreters.create()
    return lambda code: _xxsubinterpreters.run_string(number, code)


def worker(name, all_here, steps, seconds):
    """One job: all compute at once, then all wait at once."""
    timeslice.name_thread(name)
    warm_up()
    all_here.wait()
    timeslice.work_begin()
    compute(steps)
    all_here.wait()
    timeslice.mark("waits")
    time.sleep(seconds)  # as for an answer from the network
    timeslice.work_end()
    all_here.wait()


def worker_in_interpreter(name, all_here, steps, seconds):
    timeslice.name_thread(name)
    execute = new_interpreter()
    execute(COMPUTE + "for _ in range(10):\n    compute(10000)  # as in warm_up()")
    all_here.wait()
    timeslice.work_begin()
    execute("compute(%d)" % steps)
    all_here.wait()
    timeslice.mark("waits")
    execute("import time; time.sleep(%r)" % seconds)
    timeslice.work_end()
    all_here.wait()


def one_thread(jobs, all_here, steps, seconds):
    """One after another: what one worker does, for all jobs."""
    timeslice.name_thread("One thread")
    warm_up()
    all_here.wait()
    timeslice.work_begin()
    for _ in range(jobs):
        compute(steps)
    all_here.wait()
    timeslice.mark("waits")
    for _ in range(jobs):
        time.sleep(seconds)
    timeslice.work_end()
    all_here.wait()


async def compute_async(steps):
    compute(steps)


async def event_loop(jobs, all_here, steps, seconds):
    warm_up()
    all_here.wait()
    timeslice.work_begin()
    await asyncio.gather(*[compute_async(steps) for _ in range(jobs)])
    all_here.wait()
    timeslice.mark("waits")
    await asyncio.gather(*[asyncio.sleep(seconds) for _ in range(jobs)])
    timeslice.work_end()
    all_here.wait()


def asyncio_thread(jobs, all_here, steps, seconds):
    timeslice.name_thread("Event loop")
    asyncio.run(event_loop(jobs, all_here, steps, seconds))


class Moments:
    """When all were at the barrier: all begin, all have computed, all have waited. Who comes last writes it down, before
    anybody goes on; that may be another process."""

    def __init__(self):
        self.times, self.count = multiprocessing.RawArray("d", 3), multiprocessing.RawValue("i")

    def __call__(self):
        self.times[self.count.value] = time.perf_counter()
        self.count.value += 1


def crew_of(way, jobs, steps, seconds, moments):
    parallel = multiprocessing.get_context("fork") if way == "processes" else threading
    kind = parallel.Process if way == "processes" else threading.Thread
    if way in ("in-turn", "asyncio"):
        all_here = threading.Barrier(2, moments)
        alone = one_thread if way == "in-turn" else asyncio_thread
        return all_here, [kind(target=alone, args=(jobs, all_here, steps, seconds), daemon=True)]
    all_here = parallel.Barrier(jobs + 1, moments)
    job = worker_in_interpreter if way == "interpreters" else worker
    title = {"threads": "Thread", "processes": "Process", "interpreters": "Interpreter"}[way]
    return all_here, [
        kind(target=job, args=("%s %d" % (title, i + 1), all_here, steps, seconds), daemon=True) for i in range(jobs)
    ]


def run(way, jobs, steps, seconds):
    moments = Moments()
    all_here, crew = crew_of(way, jobs, steps // jobs, seconds, moments)
    for each in crew:
        each.start()
    for _ in moments.times:
        all_here.wait()
    for each in crew:
        each.join()
    begun, computed, waited = moments.times
    return computed - begun, waited - computed


def ways():
    yield from ["in-turn", "threads", "processes", "asyncio"]
    if sys.version_info >= (3, 12):
        yield "interpreters"


if __name__ == "__main__":
    jobs = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    steps = int(sys.argv[3]) if len(sys.argv) > 3 else 40000000
    seconds = float(sys.argv[4]) / 1000 if len(sys.argv) > 4 else 0.1
    for way in sys.argv[1:2] or ways():
        cpu_bound, io_bound = run(way, jobs, steps, seconds)
        timeslice.result(extra={"cpu_bound_s": cpu_bound, "io_bound_s": io_bound})
        print("%-12s CPU-bound %.2f s, I/O-bound %.2f s" % (way, cpu_bound, io_bound))
