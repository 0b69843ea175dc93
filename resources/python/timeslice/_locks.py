"""The standard library's locks, with their holds and waits on the timeline.

Each does what its namesake of `threading` or `queue` does, and takes a `name` for its track besides. An uncontended
acquire records one event; a request is recorded only by a thread that has to wait. Two waits are recorded as no request
and look like any other pause, since neither is a deadlock: one with a timeout, which ends by itself, and that of a thread
for a Lock which it took itself, since that waits for another thread to release it.
"""
import queue
import threading
from collections import deque
from time import monotonic
from typing import Any, Deque, List, Optional, Tuple

from . import _record

_MOST_PERMITS_SHOWN = 16  # rows of one semaphore


def _track(name: Optional[str], otherwise: str) -> _record.Recorded:
    if name is not None and not isinstance(name, str):
        raise TypeError("the name of a lock must be text, not " + type(name).__name__)
    return _record.Recorded(_record.KIND_MUTEX, otherwise if name is None else name)


class Lock:
    """threading.Lock with a track."""

    def __init__(self, name: Optional[str] = None) -> None:
        self._track = _track(name, "Lock")
        self._lock = threading.Lock()
        self._taker = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        me = threading.get_ident()
        if self._taker == me and self._lock.locked():
            acquired = self._lock.acquire(blocking, timeout)
        else:
            acquired = _acquire(self._lock, self._track, blocking, timeout)
        if acquired:
            self._taker = me
            self._track.event(_record.LOCK_ACQUIRE)
        return acquired

    def release(self) -> None:
        if self._lock.locked():
            self._taker = 0
            self._track.event(_record.LOCK_RELEASE)
        self._lock.release()

    def locked(self) -> bool:
        return self._lock.locked()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *exception: Any) -> None:
        self.release()

    def _at_fork_reinit(self) -> None:
        self._lock._at_fork_reinit()  # type: ignore[attr-defined]
        self._taker = 0

    def __repr__(self) -> str:
        return _repr(self, "locked" if self._lock.locked() else "unlocked")


class RLock:
    """threading.RLock with a track: a hold is from the first acquire to the last release."""

    def __init__(self, name: Optional[str] = None) -> None:
        self._track = _track(name, "RLock")
        self._lock: Any = threading.RLock()
        self._depth = 0  # changed by the owner only

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        acquired = _acquire(self._lock, self._track, blocking, timeout)
        if acquired:
            self._depth += 1
            if self._depth == 1:
                self._track.event(_record.LOCK_ACQUIRE)
        return acquired

    def release(self) -> None:
        if self._lock._is_owned():
            if self._depth == 1:
                self._track.event(_record.LOCK_RELEASE)
            self._depth -= 1
        self._lock.release()

    def locked(self) -> bool:
        return self._depth > 0

    __enter__ = acquire

    def __exit__(self, *exception: Any) -> None:
        self.release()

    # What a Condition asks of its lock.

    def _is_owned(self) -> bool:
        return self._lock._is_owned()

    def _release_save(self) -> Tuple[Any, int]:
        depth = self._depth
        if self._lock._is_owned():
            self._track.event(_record.LOCK_RELEASE)
            self._depth = 0
        return self._lock._release_save(), depth

    def _acquire_restore(self, saved: Tuple[Any, int]) -> None:
        state, depth = saved
        if self._lock.acquire(False):
            self._lock.release()
        else:
            self._track.event(_record.LOCK_REQUEST)
        self._lock._acquire_restore(state)
        self._depth = depth
        self._track.event(_record.LOCK_ACQUIRE)

    def _recursion_count(self) -> int:
        return self._depth if self._lock._is_owned() else 0

    def _at_fork_reinit(self) -> None:
        self._lock._at_fork_reinit()
        self._depth = 0

    def __repr__(self) -> str:
        return _repr(self, "locked" if self._depth > 0 else "unlocked", " count=%d" % self._depth)


class Condition(threading.Condition):
    """threading.Condition; the holds of its lock have a track, and what waits for it is shown waiting."""

    def __init__(self, lock: Any = None, name: Optional[str] = None) -> None:
        super().__init__(RLock(name or "Condition") if lock is None else lock)

    def wait(self, timeout: Optional[float] = None) -> bool:
        if not self._is_owned():  # type: ignore[attr-defined]
            return super().wait(timeout)  # raises what it always raises
        _record.event(_record.WAIT_BEGIN, 0, _record.WAIT_CONDITION)
        try:
            return super().wait(timeout)
        finally:
            _record.event(_record.WAIT_END, 0, _record.WAIT_CONDITION)


class Semaphore:
    """threading.Semaphore; each of its permits has a track, which shows who holds it.

    A semaphore that begins at zero hands out no permits: it is a signal, and only the waiting is shown. Of a large
    semaphore the first permits are shown.
    """

    _bounded = False

    def __init__(self, value: int = 1, name: Optional[str] = None) -> None:
        if value < 0:
            raise ValueError("semaphore initial value must be >= 0")
        self._value = value
        self._initial_value = value
        self._changed = threading.Condition(threading.Lock())
        title = _track(name, type(self).__name__)._name
        titles = [title] if value == 1 else [title + " %d" % (i + 1) for i in range(min(value, _MOST_PERMITS_SHOWN))]
        self._tracks = [_record.Recorded(_record.KIND_MUTEX, each) for each in titles]
        self._free: List[int] = list(range(len(titles)))
        self._held: Deque[Tuple[int, int]] = deque()  # thread and permit, the oldest first

    def acquire(self, blocking: bool = True, timeout: Optional[float] = None) -> bool:
        if not blocking and timeout is not None:
            raise ValueError("can't specify timeout for non-blocking acquire")
        with self._changed:
            if self._value == 0 and not (blocking and self._wait(timeout)):
                return False
            self._value -= 1
            if self._free:
                self._free.sort()
                permit = self._free.pop(0)
                self._held.append((threading.get_ident(), permit))
                self._tracks[permit].event(_record.LOCK_ACQUIRE)
            return True

    def _wait(self, timeout: Optional[float]) -> bool:
        # Only of a single permit can be said for which one, and from whom, a thread waits.
        request = len(self._tracks) == 1 and self._initial_value == 1 and timeout is None
        if request:
            self._tracks[0].event(_record.LOCK_REQUEST)
        else:
            _record.event(_record.WAIT_BEGIN, 0, _record.WAIT_CONDITION)
        try:
            until = None if timeout is None else monotonic() + timeout
            while self._value == 0:
                left = None if until is None else until - monotonic()
                if left is not None and left <= 0:
                    return False
                self._changed.wait(left)
            return True
        finally:
            if not request:
                _record.event(_record.WAIT_END, 0, _record.WAIT_CONDITION)
            elif self._value == 0:
                self._tracks[0].event(_record.LOCK_ABANDON)

    def release(self, n: int = 1) -> None:
        if n < 1:
            raise ValueError("n must be one or more")
        with self._changed:
            if self._bounded and self._value + n > self._initial_value:
                raise ValueError("Semaphore released too many times")
            for _ in range(n):
                self._give_back()
            self._value += n
            self._changed.notify(n)

    def _give_back(self) -> None:
        if not self._held:
            return
        me = threading.get_ident()
        given = next((held for held in self._held if held[0] == me), self._held[0])
        self._held.remove(given)
        self._free.append(given[1])
        self._tracks[given[1]].event(_record.LOCK_RELEASE)

    __enter__ = acquire

    def __exit__(self, *exception: Any) -> None:
        self.release()

    def __repr__(self) -> str:
        limit = "/%d" % self._initial_value if self._bounded else ""
        return "<%s at %#x: value=%d%s>" % (_full_name(self), id(self), self._value, limit)


class BoundedSemaphore(Semaphore):
    """threading.BoundedSemaphore with tracks: it complains when released more often than acquired."""

    _bounded = True


class Queue(queue.Queue):
    """queue.Queue; its lock has a track, and what waits for an item or for room is shown waiting."""

    def __init__(self, maxsize: int = 0, name: Optional[str] = None) -> None:
        super().__init__(maxsize)
        # The names are those that the standard class's methods use; they have not changed since Python 2.5.
        self.mutex: Any = Lock("Queue" if name is None else name)
        self.not_empty = Condition(self.mutex)
        self.not_full = Condition(self.mutex)
        self.all_tasks_done = Condition(self.mutex)


def _acquire(lock: Any, track: _record.Recorded, blocking: bool, timeout: float) -> bool:
    if not blocking or timeout != -1:
        return lock.acquire(blocking, timeout)
    if lock.acquire(False):
        return True
    try:
        track.event(_record.LOCK_REQUEST)
        return lock.acquire()
    except BaseException:  # a signal's handler has raised, as Ctrl-C does
        track.event(_record.LOCK_ABANDON)
        raise


def _full_name(lock: object) -> str:
    return type(lock).__module__.split(".")[0] + "." + type(lock).__qualname__


def _repr(lock: Any, state: str, more: str = "") -> str:
    return "<%s %s object %r%s at %#x>" % (state, _full_name(lock), lock._track._name, more, id(lock))
