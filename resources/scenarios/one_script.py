"""What becomes of `python3 script.py`: a process is born, becomes Python, works, ends, and is cleared away.

    python3 one_script.py
        as it is, then with a pool of threads
    python3 one_script.py alone|pool [THREADS [STEPS [MEGABYTES]]]
"""
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import timeslice


def count_down(n):
    while n > 0:
        n -= 1


def share(number, start, steps):
    timeslice.name_thread("Pool thread %d" % number)
    start.wait()  # so that each thread of the pool has one share
    count_down(steps)


def scheduled():
    """How many things of this process the kernel has given a core to: each has an account in /proc."""
    accounts = ["/proc/self/task/%s/schedstat" % task for task in os.listdir("/proc/self/task")]
    return sum(int(open(account).read().split()[0]) > 0 for account in accounts)


def script(threads, steps, megabytes):
    """The program that is started. Its last word goes to whoever started it."""
    timeslice.name_thread("script.py")
    timeslice.mark("imports are done")
    data = bytearray(b"x" * (megabytes << 20))
    if threads == 0:
        count_down(steps)
        print(scheduled())
    else:
        with ThreadPoolExecutor(threads) as pool:
            start = threading.Barrier(threads)
            shares = [pool.submit(share, number + 1, start, steps // threads) for number in range(threads)]
            for each in shares:
                each.result()
            print(scheduled())
    del data
    timeslice.mark("script ends")


def run(way, threads=4, steps=4000000, megabytes=50):
    timeslice.name_thread("Shell")
    timeslice.work_begin()
    timeslice.mark("starts Python")
    command = [sys.executable, __file__, "script", str(threads if way == "pool" else 0), str(steps), str(megabytes)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    entities = int(child.stdout.read())
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and keeps its number until it is reaped
    left = os.path.exists("/proc/%d" % child.pid)
    child.wait()
    timeslice.mark("has read how it ended")
    gone = not os.path.exists("/proc/%d" % child.pid)
    timeslice.work_end()
    timeslice.result(extra={"scheduled": entities, "zombie": int(left), "gone": int(gone),
                            "listed": "yes" if left else "no", "listed_after_wait": "no" if gone else "yes"})
    print("%-5s: 1 process, %d scheduled by the kernel; after its end %s, after wait() %s"
          % (way, entities, "a zombie" if left else "gone", "gone" if gone else "still there"))


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[2:]]
    if sys.argv[1:2] == ["script"]:
        script(*numbers)
    else:
        for way in sys.argv[1:2] or ["alone", "pool"]:
            run(way, *numbers)
