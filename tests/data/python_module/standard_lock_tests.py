"""CPython's own tests of its locks, run over Timeslice's: what they promise, ours promise, too.

Ends with 77 where this interpreter comes without its test suite.
"""
import sys
import time
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


def run(tests):
    """Runs the tests and returns those that failed."""
    result = unittest.TextTestRunner(verbosity=1).run(unittest.TestSuite(tests))
    return {getattr(test, "test_case", test) for test, _ in result.failures + result.errors}


if __name__ == "__main__":
    failed = run(unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]))
    # They give the other threads a hundredth of a second to come as far as they should, which on a busy machine is not
    # always enough. What fails because of our locks fails again, however long they wait.
    for pause in (0.1, 0.5, 2):
        lock_tests._wait = lambda: time.sleep(pause)
        failed = failed and run([type(test)(test._testMethodName) for test in failed])
    sys.exit(bool(failed))
