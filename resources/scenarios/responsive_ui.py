"""The heartbeat of a window, 60 frames a second, and a job that somebody has started by a click.

    python3 responsive_ui.py
        the job done in every way, and how many frames were late
    python3 responsive_ui.py WAY [FRAMES [THREADS [SECONDS]]]
        WAY: inline, waits, computes, hashes or process; SECONDS of work for each thread, about
"""
import hashlib
import multiprocessing
import socket
import sys
import threading
import time

import timeslice

fork = multiprocessing.get_context("fork")
FRAME = 1 / 60
MEGABYTE = bytes(1 << 20)
STEPS_A_SECOND = 20000000  # so many, about, does a core count


def count_down(n):
    while n > 0:
        n -= 1


def computes(seconds):
    count_down(int(seconds * STEPS_A_SECOND))


def waits(seconds):
    time.sleep(seconds)  # for a disk, a network


def hashes(seconds):
    for _ in range(int(seconds * 400)):
        hashlib.sha256(MEGABYTE)  # C code that lets go of the GIL


def worker(number, job, seconds):
    timeslice.name_thread("Worker %d" % number)
    job(seconds)


def click(way, threads, seconds):
    """What the button does. Whom to wait for afterwards."""
    if way == "inline":
        computes(threads * seconds)
        return []
    job = {"waits": waits, "hashes": hashes}.get(way, computes)
    kind = fork.Process if way == "process" else threading.Thread
    crew = [kind(target=worker, args=(i + 1, job, seconds), daemon=True) for i in range(threads)]
    for each in crew:
        each.start()
    return crew


def display(connection, other_end):
    timeslice.name_thread("Display")
    other_end.close()  # else it would wait for itself
    while connection.recv(65536):
        pass


def run(way, frames=90, threads=4, seconds=0.5):
    timeslice.name_thread("Window")
    ours, theirs = socket.socketpair()
    screen = fork.Process(target=display, args=(theirs, ours), daemon=True)
    lateness, crew = [], []
    screen.start()
    theirs.close()
    timeslice.work_begin()
    began = time.monotonic()
    for number in range(frames):
        due = began + number * FRAME
        time.sleep(max(0, due - time.monotonic()))
        if number == 10:
            timeslice.mark("click")
            crew = click(way, threads, seconds)
        ours.send(b"a picture")
        late = time.monotonic() - due
        lateness.append(late)
        timeslice.latency(int(late * 1e9))
    timeslice.work_end()
    for each in crew:
        each.join()
    ours.close()
    screen.join()
    share = sum(late > FRAME for late in lateness) / frames
    timeslice.result(extra={"late_share": share, "late_frames": round(share * frames), "frames": frames})
    return 100 * share, 1000 * max(lateness)


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[2:4]] + [float(each) for each in sys.argv[4:]]
    for way in sys.argv[1:2] or ["inline", "waits", "computes", "hashes", "process"]:
        print("%-8s %3.0f %% of the frames late by more than 16.7 ms, the worst by %.0f ms"
              % ((way,) + run(way, *numbers)))
