"""A script whose threads are stepped from outside: it is told whose step is next (core/session/stepped_threads.h)."""
import json
import os

_VARIABLE = "TIMESLICE_STEPS"

stepped = bool(os.environ.get(_VARIABLE))


def _tell(descriptor, what):
    line = (json.dumps(what) + "\n").encode("utf-8")
    while line:
        line = line[os.write(descriptor, line) :]


def follow_steps(threads, steps, step, rewind):
    descriptor = int(os.environ[_VARIABLE])
    names = ("instruction", "line", "source")
    _tell(descriptor, {"threads": list(threads), "steps": [dict(zip(names, each)) for each in steps]})
    with os.fdopen(os.dup(descriptor), "rb") as orders:
        for order in orders:
            what, number = order.split()
            register, value = (step if what == b"step" else rewind)(int(number))
            _tell(descriptor, {"thread": int(number), "register": register, "value": value})
