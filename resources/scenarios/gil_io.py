"""Waiting in threads: many that sleep, then a web server whose every request waits for a database.

    python3 gil_io.py
        all three, and how long each takes
    python3 gil_io.py sleeps [THREADS [MILLISECONDS]]
    python3 gil_io.py in-turn|threads [CLIENTS [MILLISECONDS]]
        the server, one request at a time or all at once
"""
import http.client
import http.server
import socketserver
import sys
import threading
import time

import timeslice


def sleeper(number, start, seconds):
    timeslice.name_thread("Sleeper %d" % number)
    start.wait()
    timeslice.work_begin()
    time.sleep(seconds)  # lets go of the GIL first, takes it again afterwards
    timeslice.work_end()


def sleeps(threads, seconds):
    start = threading.Barrier(threads)
    run_all([threading.Thread(target=sleeper, args=(i + 1, start, seconds), daemon=True) for i in range(threads)])
    timeslice.result(extra={"slept_s": threads * seconds})


class Request(http.server.BaseHTTPRequestHandler):
    seconds = 0.0

    def do_GET(self):
        if threading.current_thread() is not server_thread:
            timeslice.name_thread("Request " + self.path.strip("/"))
        time.sleep(self.seconds)  # the database takes its time
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"done")

    def log_message(self, *ignored):
        pass


class InTurn(http.server.HTTPServer):
    request_queue_size = 128


class Threads(socketserver.ThreadingMixIn, InTurn):
    daemon_threads = True


def client(number, start, address, answers):
    timeslice.name_thread("Client %d" % number)
    start.wait()
    timeslice.work_begin()
    connection = http.client.HTTPConnection(*address)
    connection.request("GET", "/%d" % number)
    answers.append(connection.getresponse().read())
    connection.close()
    timeslice.work_end()


def serve(kind, clients, seconds):
    global server_thread
    Request.seconds = seconds
    server = kind(("127.0.0.1", 0), Request)

    def listen():
        timeslice.name_thread("Server")
        server.serve_forever(poll_interval=0.05)

    server_thread = threading.Thread(target=listen, daemon=True)
    server_thread.start()
    start, answers = threading.Barrier(clients), []
    crew = []
    for i in range(clients):
        arguments = (i + 1, start, server.server_address, answers)
        crew.append(threading.Thread(target=client, args=arguments, daemon=True))
    run_all(crew)
    server.shutdown()
    server_thread.join()
    server.server_close()
    timeslice.result(extra={"requests": len(answers), "slept_s": clients * seconds})
    if answers != [b"done"] * clients:
        sys.exit("not every client was answered")


def run_all(threads):
    """They are daemons: if one of them cannot start, the program ends, though the others wait for it."""
    for each in threads:
        each.start()
    for each in threads:
        each.join()


if __name__ == "__main__":
    ways = [sys.argv[1]] if len(sys.argv) > 1 else ["sleeps", "in-turn", "threads"]
    for way in ways:
        count = int(sys.argv[2]) if len(sys.argv) > 2 else (50 if way == "sleeps" else 20)
        seconds = float(sys.argv[3]) / 1000 if len(sys.argv) > 3 else (0.2 if way == "sleeps" else 0.02)
        began = time.perf_counter()
        if way == "sleeps":
            sleeps(count, seconds)
        else:
            serve(InTurn if way == "in-turn" else Threads, count, seconds)
        print("%-8s %d × %.3f s of waiting took %.3f s" % (way, count, seconds, time.perf_counter() - began))
