"""A producer makes blocks of data, two consumers handle them. Is every block handled exactly once?

    python3 queue_or_list.py
        all three ways
    python3 queue_or_list.py WAY [BLOCKS [ROOM]]
        WAY: list (bare), condition (a list and a lock, by hand) or queue (queue.Queue); ROOM: blocks that may wait
"""
import hashlib
import sys
import threading
import time

import timeslice

DATA = b"x" * 500000


def work(times):
    """Stands on a core without the GIL, as C code does that handles much data."""
    for _ in range(times):
        hashlib.sha256(DATA).digest()


class BareList:
    """As one writes it first: take a block out only when it has been handled, so that none gets lost."""

    def __init__(self, room, fill):
        self.items, self.room, self.fill, self.closed = [], room, fill, False

    def put(self, block):
        while len(self.items) >= self.room:
            time.sleep(0.001)  # look again later
        self.items.append(block)
        self.fill.set(len(self.items))

    def close(self):
        self.closed = True

    def handle_next(self, handle):
        first = self.items[:1]
        if not first and self.closed:
            self.fill.set(0)
            return False
        if not first:
            time.sleep(0.001)
            return True
        handle(first[0])
        del self.items[:1]
        self.fill.set(len(self.items))
        return True


class ListAndCondition(BareList):
    """The same by hand, and right: a lock around each look at the list, and a signal instead of looking again."""

    def __init__(self, room, fill):
        super().__init__(room, fill)
        self.changed = timeslice.Condition(timeslice.Lock("list"))

    def put(self, block):
        with self.changed:
            self.changed.wait_for(lambda: len(self.items) < self.room)
            super().put(block)
            self.changed.notify_all()

    def close(self):
        with self.changed:
            super().close()
            self.changed.notify_all()

    def handle_next(self, handle):
        with self.changed:
            self.changed.wait_for(lambda: self.items or self.closed)
            if not self.items:
                return False
            block = self.items.pop(0)
            self.fill.set(len(self.items))
            self.changed.notify_all()
        handle(block)
        return True


class BoundedQueue:
    """Python's own: all of that is inside."""

    def __init__(self, room, fill):
        self.queue, self.fill = timeslice.Queue(room, "queue"), fill

    def put(self, block):
        self.queue.put(block)
        self.fill.set(self.queue.qsize())

    def close(self):
        self.queue.put(None)

    def handle_next(self, handle):
        block = self.queue.get()
        if block is None:
            self.queue.put(None)  # for the other one
            self.fill.set(0)  # which is no block
            return False
        self.fill.set(self.queue.qsize())
        handle(block)
        return True


WAYS = {"list": BareList, "condition": ListAndCondition, "queue": BoundedQueue}


def produce(buffer, blocks):
    timeslice.name_thread("Producer")
    timeslice.work_begin()
    for number in range(blocks):
        work(2)
        buffer.put(number)
    buffer.close()


def consume(name, buffer, handled):
    def handle(block):
        if block in handled:
            timeslice.mark("{} again", block)
        handled.append(block)
        work(3)

    timeslice.name_thread(name)
    while buffer.handle_next(handle):
        pass
    timeslice.work_end()


def run(way, blocks, room):
    buffer, handled = WAYS[way](room, timeslice.Counter("fill level")), []
    threads = [threading.Thread(target=produce, args=(buffer, blocks), daemon=True)]
    for name in ("Consumer 1", "Consumer 2"):
        threads.append(threading.Thread(target=consume, args=(name, buffer, handled), daemon=True))
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    lost, doubled = blocks - len(set(handled)), len(handled) - len(set(handled))
    timeslice.result(extra={"lost": lost, "doubled": doubled, "wrong": lost + doubled})
    print("%-9s of %d blocks %d handled twice, %d never" % (way, blocks, doubled, lost))


if __name__ == "__main__":
    blocks = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    room = int(sys.argv[3]) if len(sys.argv) > 3 else 8
    for way in sys.argv[1:2] or WAYS:
        run(way, blocks, room)
