"""Two Python threads hand a token to and fro through pipes, on one core: what does a hand-over cost?

    python3 switch_cost.py [ROUNDS]
"""
import os
import sys
import threading
import time

import timeslice


def ping(rounds, start, there, back):
    timeslice.name_thread("Ping")
    start.wait()
    timeslice.work_begin()
    for _ in range(rounds):
        os.write(there, b"!")
        os.read(back, 1)  # lets go of the GIL and waits
    timeslice.work_end()


def pong(rounds, start, there, back):
    timeslice.name_thread("Pong")
    start.wait()
    for _ in range(rounds):
        os.read(there, 1)
        os.write(back, b"!")


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    from_there, there = os.pipe()
    from_back, back = os.pipe()
    start = threading.Barrier(2)
    crew = [
        threading.Thread(target=ping, args=(rounds, start, there, from_back), daemon=True),
        threading.Thread(target=pong, args=(rounds, start, from_there, back), daemon=True),
    ]
    began = time.perf_counter()
    for each in crew:
        each.start()
    for each in crew:
        each.join()
    print("%.1f µs each" % ((time.perf_counter() - began) / rounds / 2 * 1e6))
