"""Timeslice for scripts: names, marks, counters and locks that appear on the timeline.

    import timeslice

    timeslice.name_thread("Producer")
    timeslice.mark("half of it is done")
    with timeslice.Lock(name="account"):
        ...

A script that uses this runs outside of Timeslice as well: there the locks are just locks, and the rest does nothing.
"""
import sys

from . import _record, _steps
from ._record import recording
from ._steps import stepped

if sys.version_info >= (3, 6):
    from ._locks import BoundedSemaphore, Condition, Lock, Queue, RLock, Semaphore
else:
    from ._plain import BoundedSemaphore, Condition, Lock, Queue, RLock, Semaphore

__all__ = [
    "BoundedSemaphore",
    "Condition",
    "Counter",
    "Lock",
    "Queue",
    "RLock",
    "Semaphore",
    "follow_steps",
    "latency",
    "mark",
    "name_thread",
    "recording",
    "result",
    "stepped",
    "work_begin",
    "work_end",
]


def name_thread(name):  # type: (str) -> None
    """Names the track of the thread that calls."""
    _record.name_thread(name)


def mark(name, value=0):  # type: (str, int) -> None
    """Marks this moment of this thread on the timeline. `value` is a whole number shown with it."""
    if recording:
        _record.mark(name, int(value))


def work_begin():  # type: () -> None
    """The work proper starts: what came before is preparation and is not measured. The first call of a run counts."""
    _record.event(_record.WORK_BEGIN, 0, 0)


def work_end():  # type: () -> None
    """The work proper is done. The last call of a run counts, so each worker may call it at its end."""
    _record.event(_record.WORK_END, 0, 0)


def latency(nanoseconds):  # type: (int) -> None
    """Reports a delay that this thread has just suffered, such as a wake-up that came late."""
    _record.latency(nanoseconds)


def result(counters=None, extra=None, error=None):
    # type: (dict, dict, str) -> None
    """Reports what the script found out by itself.

    counters: what each should be and what it is, {"x": (200000, 123456)}
    extra: further numbers and texts by name
    error: why there is no result

    What cannot be reported (a counter that is no number, an infinite one) is left out, and the report says so.
    """
    line = {}
    if counters:
        line["counters"] = [_record.counter_of(name, values) for name, values in counters.items()]
    if extra:
        line["extra"] = extra
    if error:
        line["error"] = str(error)
    if line:
        _record.write_result(line)


def follow_steps(threads, steps, step, rewind):
    """Lets the threads be stepped from the window, where `stepped` is true; returns when it is over.

    threads: what the kernel calls them, threading.get_native_id() of each; 0 where that is not known
    steps: what each of them takes, (instruction, line, source) in their order
    step, rewind: called with a thread's number, from 0 on. It takes its next step, or is at its first again and what
        the threads share as at first. Both return what the thread has in hand and what they share, two whole numbers.
    """
    _steps.follow_steps(threads, steps, step, rewind)


class Counter(object):
    """A number each read and write of which is on the timeline. Nothing protects it: add() is the three steps load,
    add, store, as `x = x + n` is, and loses updates as that does unless the caller holds a lock."""

    def __init__(self, name="Counter", value=0):  # type: (str, int) -> None
        self._track = _record.Recorded(_record.KIND_COUNTER, name)
        self._value = value

    @property
    def value(self):  # type: () -> int
        value = self._value
        self._track.event(_record.COUNTER_LOAD, value)
        return value

    def set(self, value):  # type: (int) -> None
        self._value = value
        self._track.event(_record.COUNTER_STORE, value)

    def add(self, amount=1):  # type: (int) -> None
        self.set(self.value + amount)

    def __repr__(self):
        return "<timeslice.Counter %r: %d>" % (self._track._name, self._value)
