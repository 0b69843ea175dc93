"""What Timeslice's module promises to a script, with a recording and without one."""
import json
import multiprocessing
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import timeslice


def in_thread(function, *args):
    thread = threading.Thread(target=function, args=args)
    thread.start()
    return thread


def until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("waited for half a minute")
        time.sleep(0.001)


class Locks(unittest.TestCase):
    def test_a_name_is_text_and_may_be_left_out(self):
        for kind in (timeslice.Lock, timeslice.RLock, timeslice.Condition, timeslice.Semaphore,
                     timeslice.BoundedSemaphore, timeslice.Queue):
            kind()
            kind(name="A lock, with ü and \0 in its name")
        for kind in (timeslice.Lock, timeslice.RLock):
            with self.assertRaises(TypeError):
                kind(1)

    def test_a_lock_says_whether_it_is_held_in_every_form_of_acquire(self):
        lock = timeslice.Lock(name="l")
        self.assertIs(lock.acquire(), True)
        self.assertIs(lock.locked(), True)
        self.assertIs(lock.acquire(False), False)
        self.assertIs(lock.acquire(blocking=False), False)
        self.assertIs(lock.acquire(timeout=0.01), False)
        lock.release()
        self.assertIs(lock.acquire(timeout=0.01), True)
        lock.release()
        self.assertIs(lock.locked(), False)

    def test_wrong_arguments_take_nothing(self):
        for lock in (timeslice.Lock(), timeslice.RLock()):
            for error, arguments in ((ValueError, (False, 1)), (ValueError, (True, -2)), (TypeError, (True, "x")),
                                     (OverflowError, (True, 1e100))):
                with self.assertRaises(error):
                    lock.acquire(*arguments)
            self.assertTrue(lock.acquire(False))
            lock.release()

    def test_what_is_not_held_cannot_be_released(self):
        for lock in (timeslice.Lock(), timeslice.RLock(), timeslice.Condition()):
            with self.assertRaises(RuntimeError):
                lock.release()
        rlock = timeslice.RLock()
        in_thread(rlock.acquire).join()
        with self.assertRaises(RuntimeError):
            rlock.release()
        with self.assertRaises(ValueError):
            timeslice.BoundedSemaphore(2).release()
        with self.assertRaises(ValueError):
            timeslice.Semaphore(-1)

    def test_a_lock_may_be_released_by_another_thread(self):
        lock = timeslice.Lock()
        lock.acquire()
        in_thread(lock.release).join()
        self.assertFalse(lock.locked())

    def test_an_exception_inside_releases(self):
        for lock in (timeslice.Lock(), timeslice.RLock(), timeslice.Semaphore()):
            with self.assertRaises(KeyError):
                with lock:
                    raise KeyError
            self.assertTrue(lock.acquire(False))
            lock.release()

    def test_a_signal_gets_through_to_who_waits(self):
        class Rang(Exception):
            pass

        def ring(*ignored):
            raise Rang

        lock = timeslice.Lock()
        lock.acquire()
        old = signal.signal(signal.SIGALRM, ring)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            with self.assertRaises(Rang):
                lock.acquire()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, old)
        self.assertTrue(lock.locked())

    def test_increments_under_a_lock_are_all_there(self):
        for lock in (timeslice.Lock(), timeslice.RLock(), timeslice.Condition(), timeslice.Semaphore()):
            count = [0]

            def work():
                for _ in range(300):
                    with lock:
                        before = count[0]
                        time.sleep(0)
                        count[0] = before + 1

            threads = [in_thread(work) for _ in range(4)]
            for thread in threads:
                thread.join()
            self.assertEqual(count[0], 1200)


class Conditions(unittest.TestCase):
    def test_wait_for_works_over_each_kind_of_lock(self):
        for lock in (None, timeslice.Lock(), timeslice.RLock(), threading.Lock(), threading.RLock()):
            condition = timeslice.Condition(lock)
            found = []

            def wait():
                with condition:
                    found.append(condition.wait_for(lambda: "it is so" in found, 30))

            thread = in_thread(wait)
            with condition:
                found.append("it is so")
                condition.notify_all()
            thread.join()
            self.assertEqual(found, ["it is so", True])

    def test_a_wait_lets_go_of_a_lock_taken_twice(self):
        condition = timeslice.Condition()
        woken = []

        def wait():
            with condition:
                with condition:
                    woken.append("waits")
                    woken.append(condition.wait(30))
                    self.assertTrue(condition._is_owned())

        thread = in_thread(wait)
        until(lambda: woken)
        with condition:
            condition.notify()
        thread.join()
        self.assertEqual(woken, ["waits", True])
        self.assertTrue(condition.acquire(False))

    def test_a_wait_can_time_out_and_needs_the_lock(self):
        condition = timeslice.Condition()
        with condition:
            self.assertFalse(condition.wait(0.01))
        with self.assertRaises(RuntimeError):
            condition.wait()
        with self.assertRaises(RuntimeError):
            condition.notify()


class Semaphores(unittest.TestCase):
    def test_no_more_threads_are_inside_than_it_has_permits(self):
        semaphore = timeslice.Semaphore(3)
        inside, most = [], []

        def work():
            for _ in range(50):
                with semaphore:
                    inside.append(1)
                    most.append(len(inside))
                    time.sleep(0)
                    inside.pop()

        threads = [in_thread(work) for _ in range(8)]
        for thread in threads:
            thread.join()
        self.assertLessEqual(max(most), 3)

    def test_it_can_be_a_signal(self):
        semaphore = timeslice.Semaphore(0)
        self.assertFalse(semaphore.acquire(False))
        self.assertFalse(semaphore.acquire(timeout=0.01))
        in_thread(semaphore.release, 2)
        self.assertTrue(semaphore.acquire())
        self.assertTrue(semaphore.acquire())
        self.assertFalse(semaphore.acquire(False))

    def test_another_thread_may_release_and_large_ones_work(self):
        semaphore = timeslice.BoundedSemaphore(40)
        for _ in range(40):
            self.assertTrue(semaphore.acquire(False))
        self.assertFalse(semaphore.acquire(False))
        in_thread(lambda: [semaphore.release() for _ in range(40)]).join()
        with self.assertRaises(ValueError):
            semaphore.release()


class Queues(unittest.TestCase):
    def test_items_come_in_order_and_join_waits_for_the_last(self):
        q = timeslice.Queue(maxsize=2, name="items")
        got = []

        def consume():
            for item in iter(q.get, None):
                got.append(item)
                q.task_done()
            q.task_done()

        thread = in_thread(consume)
        for i in range(100):
            q.put(i)
        q.put(None)
        q.join()
        thread.join()
        self.assertEqual(got, list(range(100)))
        with self.assertRaises(ValueError):
            q.task_done()

    def test_full_and_empty_are_said_as_always(self):
        q = timeslice.Queue(1)
        self.assertIsInstance(q, queue.Queue)
        with self.assertRaises(queue.Empty):
            q.get_nowait()
        with self.assertRaises(queue.Empty):
            q.get(timeout=0.01)
        q.put(1)
        with self.assertRaises(queue.Full):
            q.put_nowait(2)
        with self.assertRaises(queue.Full):
            q.put(2, timeout=0.01)
        self.assertTrue(q.full())
        self.assertEqual(q.qsize(), 1)


# An environment that carries a recording of its own, if only none, is passed on as it is.
NO_RECORDING = {"TIMESLICE_RECORDING": ""}


class Notes(unittest.TestCase):
    def test_they_take_what_a_script_may_give_them(self):
        timeslice.name_thread("naïve \0 name " + 300 * "x")
        timeslice.mark("here")
        timeslice.mark("here", -1)
        timeslice.latency(1)
        timeslice.latency(-5)
        timeslice.latency(1.5)
        timeslice.work_begin()
        timeslice.work_end()
        counter = timeslice.Counter("c", 40)
        counter.add()
        counter.add(-100)
        counter.set(-2 ** 63)
        self.assertEqual(counter.value, -2 ** 63)

    def test_result_lines_are_json_one_a_line_also_from_children(self):
        with tempfile.NamedTemporaryFile() as file:
            program = ("import os, timeslice\n"
                       "timeslice.result(counters={'x': (4, 3)}, extra={'n': 1.5, 'text': 'ü\\n'})\n"
                       "pid = os.fork()\n"
                       "timeslice.result(error='no server') if pid == 0 else os.waitpid(pid, 0)\n"
                       "timeslice.result()\n")
            subprocess.check_call([sys.executable, "-c", program], env=dict(os.environ, TIMESLICE_RESULT=file.name))
            lines = [json.loads(line) for line in file.read().decode("utf-8").splitlines()]
        self.assertEqual(lines, [
            {"counters": [{"name": "x", "expected": 4, "actual": 3}], "extra": {"n": 1.5, "text": "ü\n"}},
            {"error": "no server"},
        ])

    def test_delays_are_reported_in_a_line_where_nothing_is_recorded(self):
        with tempfile.NamedTemporaryFile() as file:
            environment = dict(os.environ, TIMESLICE_RESULT=file.name, **NO_RECORDING)
            program = "import timeslice; timeslice.latency(2000000); timeslice.latency(500000)"
            subprocess.check_call([sys.executable, "-c", program], env=environment)
            self.assertEqual(json.loads(file.read().decode("utf-8")), {"latency_ms": [2.0, 0.5]})

    def test_a_result_that_cannot_be_written_stops_nobody(self):
        os.environ["TIMESLICE_RESULT"] = "/nonexistent/file"
        timeslice.result(extra={"n": 1})
        del os.environ["TIMESLICE_RESULT"]


def child_uses(lock, answers):
    with lock:
        timeslice.mark("in the child")
    answers.put(timeslice.recording)


class Children(unittest.TestCase):
    def test_a_forked_child_goes_on_using_what_it_inherits(self):
        lock = timeslice.Lock(name="inherited")
        with lock:
            pass
        context = multiprocessing.get_context("fork")
        answers = context.Queue()
        child = context.Process(target=child_uses, args=(lock, answers))
        child.start()
        self.assertEqual(answers.get(timeout=60), timeslice.recording)
        child.join()
        self.assertEqual(child.exitcode, 0)


class Costs(unittest.TestCase):
    def test_ctypes_is_loaded_for_a_recording_only(self):
        environment = dict(os.environ, **NO_RECORDING)
        program = "import sys, timeslice; sys.exit('ctypes' in sys.modules or timeslice.recording)"
        subprocess.check_call([sys.executable, "-c", program], env=environment)

    def test_a_channel_without_a_probe_means_no_recording(self):
        environment = dict(os.environ, TIMESLICE_RECORDING="LD_PRELOAD=/no/probe\nTIMESLICE_CHANNEL=/no/channel")
        program = "import sys, timeslice; timeslice.mark('m'); sys.exit(timeslice.recording)"
        subprocess.check_call([sys.executable, "-c", program], env=environment)


if __name__ == "__main__":
    unittest.main(verbosity=1)
