"""What can be given to another process? Six things, each really sent, and Python's own message where it refuses.

    python3 pickle_things.py
        all ways
    python3 pickle_things.py WAY [true]
        WAY: fork, forkserver or spawn (arguments of a new process), or pool (a task for one that is there);
        true: the function stands at the top of the module
"""
import multiprocessing
import sys
import threading

import timeslice


def top_function():
    return "at the top"


class Greeter:
    def greet(self):
        return "hello"


def things(top):
    def inner_function():
        return "inside"

    return {
        "lambda": lambda: "no name",
        "function": top_function if top else inner_function,
        "method": Greeter().greet,
        "lock": threading.Lock(),
        "file": open(__file__),
        "generator": (number for number in range(3)),
    }


def use(name, thing):
    """In the child: what has arrived must work."""
    if name == "lock":
        with thing:
            pass
    elif name == "file":
        thing.readline()
    elif name == "generator":
        next(thing)
    else:
        thing()


def receive(name, thing, answer):
    timeslice.name_thread("Child (%s)" % (thing.__name__ if name == "function" else name))
    use(name, thing)
    answer.send("ok")


def give_to_new_process(context, name, thing):
    answer, theirs = context.Pipe(duplex=False)
    child = context.Process(target=receive, args=(name, thing, theirs))
    child.start()
    theirs.close()
    try:
        return answer.recv()
    finally:
        child.join()


def attempt(give, name, thing):
    timeslice.mark(name)
    try:
        return give(name, thing) or "ok"
    except Exception as refusal:
        return "%s: %s" % (type(refusal).__name__, refusal)


def run(way, top):
    context = multiprocessing.get_context("fork" if way == "pool" else way)
    timeslice.name_thread("Parent")
    timeslice.work_begin()
    if way == "pool":
        with context.Pool(1, timeslice.name_thread, ("Pool worker",)) as pool:
            answers = {name: attempt(lambda *task: pool.apply(use, task), name, thing)
                       for name, thing in things(top).items()}
    else:
        answers = {name: attempt(lambda *task: give_to_new_process(context, *task), name, thing)
                   for name, thing in things(top).items()}
    timeslice.work_end()
    refused = sum(answer != "ok" for answer in answers.values())
    timeslice.result(extra=dict(answers, refused=refused))
    print("%s: %d refused" % (way, refused))
    for name, answer in answers.items():
        print("    %-9s %s" % (name, answer))


if __name__ == "__main__":
    for way in sys.argv[1:2] or ["fork", "forkserver", "spawn", "pool"]:
        run(way, sys.argv[2:3] == ["true"])
