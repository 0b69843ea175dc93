"""What does it cost to hand over a message, by its size? One worker sends it, the other answers that it came.

    python3 message_or_reference.py
        each way, from 1 byte to 8 MiB
    python3 message_or_reference.py WAY [BYTES [MESSAGES]]
        WAY: pipe, queue, shared (two processes) or thread-queue (two threads of one)
"""
import multiprocessing
import multiprocessing.connection
import queue
import sys
import threading
import time
from multiprocessing import shared_memory

import timeslice

MOST_BYTES = 1 << 26  # in all: large messages are sent less often
fork = multiprocessing.get_context("fork")


class Pipe:
    """The kernel copies the bytes in, and out again."""

    def __init__(self, size):
        self.exit, self.entrance = fork.Pipe(duplex=False)
        self.answer_exit, self.answer_entrance = fork.Pipe(duplex=False)

    def send(self, message):
        self.entrance.send_bytes(message)
        self.answer_exit.recv_bytes()

    def receive(self):
        message = self.exit.recv_bytes()
        self.answer_entrance.send_bytes(b"!")
        return message


class Queue:
    """Pickles what it is given; then a thread of its own puts that into a pipe."""

    def __init__(self, size):
        self.there, self.back = fork.Queue(), fork.Queue()

    def send(self, message):
        self.there.put(message)
        self.back.get()

    def receive(self):
        message = self.there.get()
        self.back.put(b"!")
        return message


class Shared(Pipe):
    """Memory that both processes see; only the note that something is there goes through a pipe."""

    def __init__(self, size):
        super().__init__(size)
        self.block, self.size = shared_memory.SharedMemory(create=True, size=size), size

    def send(self, message):
        self.block.buf[:self.size] = message
        super().send(b"!")

    def receive(self):
        super().receive()
        return self.block.buf[:self.size]  # no copy

    def close(self):
        self.block.close()
        self.block.unlink()


class ThreadQueue(Queue):
    """Hands over a reference: the object stays where it is."""

    def __init__(self, size):
        self.there, self.back = queue.Queue(), queue.Queue()


WAYS = {"pipe": Pipe, "queue": Queue, "shared": Shared, "thread-queue": ThreadQueue}


def send_all(channel, size, messages):
    timeslice.name_thread("Sender")
    message = bytes(size)
    channel.send(message)  # warm up
    timeslice.work_begin()
    began = time.perf_counter()
    for _ in range(messages):
        channel.send(message)
    each = (time.perf_counter() - began) / messages
    timeslice.work_end()
    timeslice.result(extra={"message_s": each})
    print("%8d bytes: %9.1f µs" % (size, each * 1e6), flush=True)


def receive_all(channel, messages):
    timeslice.name_thread("Receiver")
    for _ in range(1 + messages):
        channel.receive()


def run(way, size, messages):
    messages = max(1, min(messages, MOST_BYTES // size))
    worker = threading.Thread if way == "thread-queue" else fork.Process
    channel = WAYS[way](size)
    crew = [
        worker(target=receive_all, args=(channel, messages), daemon=True),
        worker(target=send_all, args=(channel, size, messages), daemon=True),
    ]
    for each in crew:
        each.start()
    running = {each.sentinel: each for each in crew if way != "thread-queue"}
    while running:
        for ended in multiprocessing.connection.wait(list(running)):
            running[ended].join()
            if running.pop(ended).exitcode:
                sys.exit("a worker failed")  # and the other would wait for it for ever
    for each in crew:
        each.join()
    if way == "shared":
        channel.close()


if __name__ == "__main__":
    messages = int(sys.argv[3]) if len(sys.argv) > 3 else 250
    for way in sys.argv[1:2] or WAYS:
        print(way)
        for size in [int(sys.argv[2])] if len(sys.argv) > 2 else [16 ** i for i in range(6)] + [1 << 23]:
            run(way, size, messages)
