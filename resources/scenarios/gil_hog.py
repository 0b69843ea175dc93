"""A ticker that wants to wake up every 2 ms, beside threads that compute. How late does it get to run?

    python3 gil_hog.py
        beside 0, 1 and 4 hogs
    python3 gil_hog.py HOGS [TICKS [TICK_US [INTERVAL_US]]]
"""
import sys
import threading
import time

import timeslice


def hog(number, done):
    timeslice.name_thread("Hog %d" % number)
    n = 0
    while not done:
        n += 1


def ticker(ticks, tick, late):
    timeslice.name_thread("Ticker")
    timeslice.work_begin()
    for _ in range(ticks):
        due = time.perf_counter() + tick
        time.sleep(tick)  # the kernel wakes it up in time, but then it needs the GIL
        late.append(time.perf_counter() - due)
        timeslice.latency(int(late[-1] * 1e9))
    timeslice.work_end()


def run(hogs, ticks, tick):
    done, late = [], []
    threads = [threading.Thread(target=hog, args=(i + 1, done), daemon=True) for i in range(hogs)]
    for each in threads:
        each.start()
    clock = threading.Thread(target=ticker, args=(ticks, tick, late), daemon=True)
    clock.start()
    clock.join()
    done.append(True)
    for each in threads:
        each.join()
    return sorted(late)


if __name__ == "__main__":
    arguments = [int(each) for each in sys.argv[1:]]
    ticks = arguments[1] if len(arguments) > 1 else 100
    tick = arguments[2] / 1e6 if len(arguments) > 2 else 0.002
    if len(arguments) > 3:
        sys.setswitchinterval(arguments[3] / 1e6)
    for hogs in arguments[:1] or [0, 1, 4]:
        late = run(hogs, ticks, tick)
        print("%d hogs: half of the ticks late by %.2f ms or more, the worst by %.2f ms"
              % (hogs, late[len(late) // 2] * 1000, late[-1] * 1000))
