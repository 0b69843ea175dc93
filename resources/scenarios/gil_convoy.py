"""A server thread answers a client, beside threads that compute. How many requests a second?

    python3 gil_convoy.py
        beside 0, 1 and 2 hogs
    python3 gil_convoy.py HOGS [REQUESTS [INTERVAL_US]]

The client is a process of its own: it has no part in the server's GIL.
"""
import hashlib
import multiprocessing
import socket
import sys
import threading
import time

import timeslice

DATA = b"x" * 1000000


def client(connection, requests, answer):
    timeslice.name_thread("Client")
    connection.sendall(b"?")  # one to warm up
    connection.recv(1)
    timeslice.work_begin()
    began = time.perf_counter()
    for _ in range(requests):
        sent = time.perf_counter()
        connection.sendall(b"?")
        connection.recv(1)
        timeslice.latency(int((time.perf_counter() - sent) * 1e9))
        hashlib.sha256(DATA).digest()  # the client works on the answer; the server waits for what comes next
    timeslice.work_end()
    answer.send(time.perf_counter() - began)
    connection.close()


def server(connection):
    timeslice.name_thread("Server")
    while connection.recv(1):  # lets go of the GIL for as long as this takes, and must have it again
        connection.sendall(b"!")


def hog(number, done):
    timeslice.name_thread("Hog %d" % number)
    n = 0
    while not done:
        n += 1


def run(hogs, requests):
    ours, theirs = socket.socketpair()
    result, answer = multiprocessing.Pipe(duplex=False)
    asks = multiprocessing.get_context("fork").Process(target=client, args=(theirs, requests, answer), daemon=True)
    asks.start()  # before there are threads: a fork copies only one
    theirs.close()
    done = []
    threads = [threading.Thread(target=hog, args=(i + 1, done), daemon=True) for i in range(hogs)]
    for each in threads:
        each.start()
    server(ours)
    seconds = result.recv()
    done.append(True)
    for each in threads + [asks]:
        each.join()
    timeslice.result(extra={"requests": requests})
    return requests / seconds


if __name__ == "__main__":
    requests = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    if len(sys.argv) > 3:
        sys.setswitchinterval(int(sys.argv[3]) / 1e6)
    for hogs in [int(sys.argv[1])] if len(sys.argv) > 1 else [0, 1, 2]:
        print("%d hogs: %.0f requests a second" % (hogs, run(hogs, requests)))
