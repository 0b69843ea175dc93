"""The race that disappeared: threads count a global up, by `c += 1` and by `c = f(c) + 1`. Which loses updates?
And where in the statement can the GIL go to another thread?

    python3 python_counter.py [THREADS [UPDATES [INTERVAL_US]]]

Runs under Jython (Python 2.7), too.
"""
from __future__ import print_function

import platform
import sys
import threading

import timeslice

SWITCH = u"\u21c4"  # two arrows: here the GIL can go to another thread


def f(x):
    return x


def plus(updates):
    global c
    for _ in range(updates):
        c += 1


def call(updates):
    global c
    for _ in range(updates):
        c = f(c) + 1


def can_switch(instruction):
    """Where CPython looks at its eval breaker, which says whether another thread has asked for the GIL.

    Python/ceval.c up to 3.9: DISPATCH() looks, behind nearly every instruction, and FAST_DISPATCH() does not.
    From 3.10 on (3.12: Python/bytecodes.c): CHECK_EVAL_BREAKER() behind calls and jumps back, and where a function
    begins (from 3.11 on its RESUME), which is within the call.
    """
    if sys.version_info < (3, 10):
        return instruction not in ("LOAD_CONST", "LOAD_FAST", "STORE_FAST")
    return instruction.startswith(("CALL", "JUMP_BACKWARD", "JUMP_ABSOLUTE"))


def bytecode(body):
    """The instructions of the statement in the loop, and the jump back to its head."""
    if platform.python_implementation() == "Jython":
        return "none: compiled for Java"
    import dis

    names = [each.opname for each in dis.get_instructions(body)]
    begin = names.index("STORE_FAST") + 1
    end = next(i for i in range(begin, len(names)) if names[i].startswith("JUMP"))
    marked = platform.python_implementation() == "CPython" and has_gil()
    return " ".join(name + SWITCH if marked and can_switch(name) else name for name in names[begin:end + 1])


def has_gil():
    return getattr(sys, "_is_gil_enabled", lambda: True)()


def worker(name, start, body, updates):
    timeslice.name_thread(name)
    start.wait()
    timeslice.work_begin()
    body(updates)
    timeslice.work_end()


def run(text, body, threads, updates):
    global c
    c = 0
    timeslice.mark(text)
    start = threading.Event()
    names = ["%s: thread %d" % (text, i + 1) for i in range(threads)]
    crew = [threading.Thread(target=worker, args=(name, start, body, updates)) for name in names]
    for each in crew:
        each.daemon = True
        each.start()
    start.set()
    for each in crew:
        each.join()
    return threads * updates, c


if __name__ == "__main__":
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    updates = int(sys.argv[2]) if len(sys.argv) > 2 else 500000
    if len(sys.argv) > 3 and hasattr(sys, "setswitchinterval"):
        sys.setswitchinterval(int(sys.argv[3]) / 1e6)
    python = "%s %s" % (platform.python_implementation(), platform.python_version())
    print(python if has_gil() else python + ", free-threaded")
    counters = {}
    extra = {"python": python}
    for text, body in (("c += 1", plus), ("c = f(c) + 1", call)):
        counters[text] = run(text, body, threads, updates)
        extra[text] = bytecode(body)
        print("%-13s %d of %d lost: %s" % (text, counters[text][0] - counters[text][1], counters[text][0],
                                           extra[text].replace(SWITCH, " (switch)")))
    timeslice.result(counters=counters, extra=extra)
