"""What is recorded, and how it gets there: calls into the preloaded probe (core/probe/probe_api.h).

Runs under Python 3.6 and later and under Jython 2.7. Outside of Timeslice, and where the probe cannot be reached, every
function here does nothing. That a script is recorded must never be the reason that it fails.
"""
import atexit
import json
import numbers
import os
import threading

# EventKind in core/trace/event.h
LOCK_REQUEST = 16
LOCK_ACQUIRE = 17
LOCK_RELEASE = 18
LOCK_ABANDON = 21
WAIT_BEGIN = 32
WAIT_END = 33
COUNTER_LOAD = 48
COUNTER_STORE = 49
MARK = 64
WORK_BEGIN = 65
WORK_END = 66
LATENCY = 67

# WaitKind in core/trace/event.h
WAIT_CONDITION = 5

# ObjectKind in core/trace/batch.h
KIND_MUTEX = 1
KIND_COUNTER = 3
KIND_MARK = 4


def _probe_is_here():  # type: () -> bool
    # It hides what the recording added to the environment, but not itself.
    try:
        with open("/proc/self/maps", "rb") as maps:
            mapped = maps.read()
    except (OSError, IOError):
        return False
    return b"timeslice-gil-probe" in mapped or b"timeslice-channel" in mapped


def _find_probe():
    # Loading ctypes takes milliseconds: only where there is a recording.
    if not _probe_is_here():
        return None
    try:
        import ctypes

        # PyDLL keeps the GIL during the call, which would be a hand-off of its own otherwise.
        probe = getattr(ctypes, "PyDLL", ctypes.CDLL)(None)
        # All is spelt out, the empty lists too: Jython's ctypes wants it.
        for function, result, arguments in (
            (probe.timeslice_probe_active, ctypes.c_int, []),
            (probe.timeslice_probe_object, ctypes.c_uint32, [ctypes.c_int, ctypes.c_char_p, ctypes.c_int]),
            (probe.timeslice_probe_event, None, [ctypes.c_int, ctypes.c_uint32, ctypes.c_uint64]),
            (probe.timeslice_probe_name_thread, None, [ctypes.c_char_p]),
            (probe.timeslice_probe_variable, ctypes.c_char_p, [ctypes.c_char_p]),
        ):
            function.restype = result
            function.argtypes = arguments
        return probe
    except Exception:  # no ctypes here (sub-interpreters before 3.13), or no probe
        return None


_probe = _find_probe()
recording = _probe is not None and bool(_probe.timeslice_probe_active())


def _utf8(text):  # type: (str) -> bytes
    return str(text).replace("\0", " ").encode("utf-8", "replace")


if recording:
    event = _probe.timeslice_probe_event

    def name_thread(name):  # type: (str) -> None
        _probe.timeslice_probe_name_thread(_utf8(name))

    def new_object(kind, name, shared):  # type: (int, str, bool) -> int
        return _probe.timeslice_probe_object(kind, _utf8(name), int(shared))

else:

    def event(kind, obj, value):  # type: (int, int, int) -> None
        pass

    def name_thread(name):  # type: (str) -> None
        pass

    def new_object(kind, name, shared):  # type: (int, str, bool) -> int
        return 0


_first_uses = {}  # process to its lock; one that another thread held at a fork stays the parent's


def _first_use():
    """The lock under which what is made at its first use is made, so that no two threads make it. Reentrant: a signal's
    handler may come here while its thread is here."""
    pid = os.getpid()
    lock = _first_uses.get(pid)
    return _first_uses.setdefault(pid, threading.RLock()) if lock is None else lock  # setdefault() is atomic


_marks = {}  # name to the mark's number


def mark(name, value):  # type: (str, int) -> None
    number = _marks.get(name)
    if number is None:
        with _first_use():
            number = _marks.get(name)
            if number is None:
                number = _marks[name] = new_object(KIND_MARK, name, True)
    event(MARK, number, value)


class Recorded(object):
    """Something with a track of its own. After a fork the child's copy is another thing, so it gets a track of its
    own there, too."""

    __slots__ = ("_kind", "_name", "_id", "_pid")

    def __init__(self, kind, name):  # type: (int, str) -> None
        self._kind = kind
        self._name = name
        self._id = 0
        self._pid = 0

    def event(self, kind, value=0):  # type: (int, int) -> None
        if recording:
            pid = os.getpid()
            if pid != self._pid:
                self._begin(pid)
            event(kind, self._id, value)

    def _begin(self, pid):  # type: (int) -> None
        with _first_use():
            if pid != self._pid:
                number = new_object(self._kind, self._name, False)
                if pid != self._pid:  # else a signal's handler was here meanwhile
                    self._id = number
                    self._pid = pid  # last: who sees it sees the id


# Result lines (core/python/result_lines.h)


def result_path():  # type: () -> str
    """Where the session wants them: the probe knows, or, where it could not be loaded, the environment; "" = nowhere."""
    path = _probe and _probe.timeslice_probe_variable(b"TIMESLICE_RESULT")
    if path:
        return path if isinstance(path, str) else os.fsdecode(path)
    for item in os.environ.get("TIMESLICE_RECORDING", "").split("\n"):
        if item.startswith("TIMESLICE_RESULT="):
            return item[len("TIMESLICE_RESULT=") :]
    return os.environ.get("TIMESLICE_RESULT", "")


_UNICODE = type(u"")  # str, and in Jython unicode
_DEEPEST = 40  # the reader takes no more than 32 levels, and says so
_LARGEST_BITS = 1024  # no larger integer fits a double


def _text(value):
    try:
        text = value if isinstance(value, (bytes, _UNICODE)) else str(value)
        return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    except Exception:  # a __str__ of the script's own
        return u"<%s>" % type(value).__name__


def _whole(value):
    """An int where it is one or can be made one, as of numpy; else what was given, which the reader will not take."""
    if isinstance(value, float) and value != value - value % 1:  # 1.5, inf, nan
        return value
    try:
        return int(value)
    except Exception:
        return value


def counter_of(name, values):
    counter = {"name": _text(name)}
    try:
        counter["expected"], counter["actual"] = (_whole(value) for value in values)
    except Exception:  # no pair
        pass
    return counter


def _plain(value, depth=0):
    """`value` in what json.dumps() takes: whatever a script reports, it must not fail for it."""
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, dict) and depth < _DEEPEST:
        # A key that JSON knows stays: of two that become one there, the reader says that they do.
        known = (_UNICODE, bool, int, float, type(None))
        return {key if isinstance(key, known) else _text(key): _plain(inside, depth + 1)
                for key, inside in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(inside, depth + 1) for inside in value] if depth < _DEEPEST else []
    try:
        if isinstance(value, numbers.Integral):
            number = int(value)
            # Python writes no integer of more than 4300 digits, and no reader could hold it.
            return number if number.bit_length() <= _LARGEST_BITS else float("inf") if number > 0 else float("-inf")
        if isinstance(value, numbers.Real):
            return float(value)
    except Exception:
        pass
    return _text(value)


def _encoded(line):
    try:
        text = json.dumps(_plain(line))
    except Exception as error:
        text = json.dumps({"unwritten": "a result could not be written: " + _text(error)})
    return (text + "\n").encode("utf-8")


def write_result(line):  # type: (dict) -> None
    path = result_path()
    if not path:
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        try:
            # One write a line, so that lines of several processes stay whole.
            os.write(descriptor, _encoded(line))
        finally:
            os.close(descriptor)
    except (OSError, IOError):
        pass


_latencies = {}  # process to its milliseconds, where no event can be written; those of the parent are the parent's


def _write_latencies():
    own = _latencies.get(os.getpid())
    if own:
        write_result({"latency_ms": list(own)})


def _own_latencies():
    pid = os.getpid()
    own = _latencies.get(pid)
    if own is None:
        with _first_use():
            if not _latencies:
                atexit.register(_write_latencies)  # a forked child has it already
            own = _latencies.setdefault(pid, [])
    return own


def latency(nanoseconds):  # type: (int) -> None
    try:
        delay = max(0, int(nanoseconds))
    except (TypeError, ValueError, OverflowError):  # inf, nan: no delay, and no reason to fail
        return
    if recording:
        event(LATENCY, 0, delay)
    elif result_path():
        _own_latencies().append(delay / 1e6)
