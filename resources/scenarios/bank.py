"""Check, then act: two people withdraw 100 from one account that holds 100, again and again. How often do both get it?

    python3 bank.py
        all three ways
    python3 bank.py WAY [ROUNDS]
        WAY: plain, journal (writes down what it is about to do, between the check and the payment), or locked
"""
import os
import sys
import tempfile
import threading

import timeslice

PRICE = 100


class Account:
    def __init__(self):
        self.balance = timeslice.Counter("balance")
        self.lock = timeslice.Lock("account")
        self.journal = tempfile.TemporaryFile(buffering=0)

    def withdraw_plain(self):
        if self.balance.value >= PRICE:
            self.balance.add(-PRICE)
            return PRICE
        return 0

    def withdraw_journal(self):
        if self.balance.value >= PRICE:
            self.journal.write(b"pays 100\n")
            os.fsync(self.journal.fileno())  # waits for the disk, so it lets go of the GIL
            self.balance.add(-PRICE)
            return PRICE
        return 0

    def withdraw_locked(self):
        with self.lock:
            return self.withdraw_journal()


def customer(name, way, account, start, paid):
    timeslice.name_thread(name)
    withdraw = getattr(account, "withdraw_" + way)
    for round_paid in paid:
        start.wait()  # the account is filled; both go at the same moment
        round_paid.append(withdraw())


def run(way, rounds):
    account = Account()
    paid = [[] for _ in range(rounds)]
    # What the last of the two to come to the barrier does, before either goes on.
    start = threading.Barrier(2, lambda: account.balance.set(PRICE))
    customers = []
    for name in ("Ann", "Bob"):
        arguments = (name, way, account, start, paid)
        customers.append(threading.Thread(target=customer, args=arguments, daemon=True))
    timeslice.work_begin()
    for each in customers:
        each.start()
    for each in customers:
        each.join()
    timeslice.work_end()
    overdrawn = sum(sum(each) > PRICE for each in paid)
    timeslice.result(extra={"rounds": rounds, "overdrawn": overdrawn, "paid": sum(map(sum, paid))})
    print("%-8s %d of %d accounts overdrawn" % (way, overdrawn, rounds))


if __name__ == "__main__":
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    for way in sys.argv[1:2] or ["plain", "journal", "locked"]:
        run(way, rounds)
