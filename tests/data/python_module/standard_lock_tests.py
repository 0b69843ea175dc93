"""CPython's own tests of its locks, run over Timeslice's: what they promise, ours promise, too.

Ends with 77 where this interpreter comes without its test suite.
"""
import sys
import unittest

try:
    from test import lock_tests
except ImportError:
    print("this interpreter comes without test.lock_tests")
    sys.exit(77)

import timeslice


class LockTests(lock_tests.LockTests):
    locktype = staticmethod(timeslice.Lock)


class RLockTests(lock_tests.RLockTests):
    locktype = staticmethod(timeslice.RLock)


class ConditionTests(lock_tests.ConditionTests):
    condtype = staticmethod(timeslice.Condition)


class ConditionOverLockTests(lock_tests.ConditionTests):
    @staticmethod
    def condtype(lock=None):
        return timeslice.Condition(timeslice.Lock() if lock is None else lock)

    test_acquire = None  # is about the lock that can be taken twice


class SemaphoreTests(lock_tests.SemaphoreTests):
    semtype = staticmethod(timeslice.Semaphore)


class BoundedSemaphoreTests(lock_tests.BoundedSemaphoreTests):
    semtype = staticmethod(timeslice.BoundedSemaphore)


if __name__ == "__main__":
    unittest.main(verbosity=1)
