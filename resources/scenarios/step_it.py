"""x = x + 1, bytecode by bytecode: threads that are held before each of them, in every order that there is, or as
somebody in the window says.

    python3 step_it.py [THREADS [X AT FIRST]]
"""

import dis
import linecache
import sys
import threading

import timeslice

x = 0


def increment():
    global x
    x = x + 1


# Before which bytecodes a thread is held. Loading the constant 1 touches nothing that is shared.
STEPS = {i.offset: i.opname for i in dis.get_instructions(increment)
         if i.opname in ("LOAD_GLOBAL", "BINARY_ADD", "BINARY_OP", "STORE_GLOBAL")}
OFFSETS = list(STEPS)


class Stepped(threading.Thread):
    """Calls increment() again and again, a step each time that it is told to."""

    def __init__(self, name):
        super().__init__(name=name, daemon=True)
        self.gate = threading.Semaphore(0)  # opened for each step
        self.waits = threading.Semaphore(0)  # this thread is at its gate
        self.next = 0  # which of its steps
        self.register = 0  # what it has in hand
        self.stop = False

    def arrive(self):
        if not self.waits.acquire(timeout=10):
            sys.exit("%s does not come to its gate: this Python does not stop before bytecodes" % self.name)

    def step(self):
        self.gate.release()
        self.arrive()

    def trace(self, frame, event, argument):
        if frame.f_code is not increment.__code__:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode" and frame.f_lasti in STEPS:
            self.next = OFFSETS.index(frame.f_lasti)
            self.waits.release()
            self.gate.acquire()
            self.note(STEPS[frame.f_lasti])
        return self.trace

    def note(self, instruction):
        """CPython shows nobody what is on its stack. While the others are held it loads what x is now."""
        if instruction == "LOAD_GLOBAL":
            self.register = x
        elif instruction.startswith("BINARY"):
            self.register += 1

    def run(self):
        timeslice.name_thread(self.name)
        sys.settrace(self.trace)
        while not self.stop:
            increment()


def orders(left):
    """Every order in which each thread takes as many steps as it has left."""
    if not any(left):
        yield ()
    for thread, steps in enumerate(left):
        if steps:
            rest = left[:thread] + (steps - 1,) + left[thread + 1:]
            for order in orders(rest):
                yield (thread,) + order


def run_all(stepped, initial):
    global x
    timeslice.work_begin()
    outcomes = {}
    for order in orders((len(STEPS),) * len(stepped)):
        x = initial
        for thread in order:
            stepped[thread].step()  # after its last step it is at the first gate again
        outcomes[x] = outcomes.get(x, 0) + 1
    timeslice.work_end()
    total = sum(outcomes.values())
    right = outcomes.get(initial + len(stepped), 0)
    print("steps:", ", ".join(STEPS.values()))
    for value, count in sorted(outcomes.items()):
        print("x = %d in %d of %d orders" % (value, count, total))
    timeslice.result(extra={"bytecodes": ", ".join(STEPS.values()), "schedules": {
        "all": total, "right": right, "wrong": total - right,
        "outcomes": {str(value): count for value, count in outcomes.items()}}})


def follow(stepped, initial):
    """Somebody in the window says whose step is next."""

    def step(number):
        thread = stepped[number]
        stores = STEPS[OFFSETS[thread.next]] == "STORE_GLOBAL"
        thread.step()
        if stores and x != thread.register:
            sys.exit("%s stored %d, and not the %d that it had in hand" % (thread.name, x, thread.register))
        return thread.register, x

    def rewind(number):
        global x
        thread = stepped[number]
        while thread.next != 0:  # to its end, and so to its first gate again
            thread.step()
        thread.register, x = 0, initial
        return 0, x

    timeslice.follow_steps([getattr(each, "native_id", 0) for each in stepped], [described(i) for i in OFFSETS],
                           step, rewind)


def described(offset):
    """An instruction as `dis` writes it, its line's number, and the line."""
    text = next((i.opname + " " + i.argrepr).strip() for i in dis.get_instructions(increment) if i.offset == offset)
    line = [number for start, number in dis.findlinestarts(increment.__code__) if start <= offset][-1]
    return text, line, linecache.getline(__file__, line).strip()


def main(threads=2, initial=0):
    # CPython 3.12 crashes if it begins to trace bytecodes while another thread runs: here it does before there is one.
    sys._getframe().f_trace_opcodes = True
    sys.settrace(lambda frame, event, argument: None)
    increment()
    stepped = [Stepped("Thread %d" % (i + 1)) for i in range(threads)]
    for thread in stepped:
        thread.start()
    for thread in stepped:
        thread.arrive()  # at its first gate
    if timeslice.stepped:
        follow(stepped, initial)
        return
    run_all(stepped, initial)
    for thread in stepped:
        thread.stop = True
        for _ in STEPS:
            thread.gate.release()
        thread.join()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
