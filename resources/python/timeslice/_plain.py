"""The locks as they are where nothing of them can be recorded: Jython, which speaks Python 2.7."""
import threading

try:
    import Queue as _queue
except ImportError:
    import queue as _queue


def Lock(name=None):
    return threading.Lock()


def RLock(name=None):
    return threading.RLock()


def Condition(lock=None, name=None):
    return threading.Condition(lock)


def Semaphore(value=1, name=None):
    return threading.Semaphore(value)


def BoundedSemaphore(value=1, name=None):
    return threading.BoundedSemaphore(value)


def Queue(maxsize=0, name=None):
    return _queue.Queue(maxsize)
