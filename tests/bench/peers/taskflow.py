# SPDX-License-Identifier: Apache-2.0
"""The work of peer_work.c with OpenStack's taskflow and its SQLite store. README.md says what the work is.

    taskflow.py PERCENT

One line of JSON per figure, as figure.h has it. Its store as it comes is SQLite's default, a rollback journal with
synchronous=FULL (class F). Class N is the same in WAL with synchronous=NORMAL, set on each connection.
"""
import contextlib
import json
import logging
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time

# This file has the package's name, and its folder comes first.
sys.path = [path for path in sys.path if os.path.abspath(path or ".") != os.path.dirname(os.path.abspath(__file__))]

import sqlalchemy.engine  # noqa: E402
import sqlalchemy.event  # noqa: E402
from taskflow import engines, task  # noqa: E402
from taskflow.patterns import linear_flow, unordered_flow  # noqa: E402
from taskflow.persistence import backends  # noqa: E402

logging.disable(logging.CRITICAL)
PERCENT = int(sys.argv[1])
PRAGMAS = {"N": ["journal_mode = WAL", "synchronous = NORMAL"], "F": []}
durability = "M"


class Small(task.Task):
    def execute(self):
        return "x" * 100


class Large(task.Task):
    def execute(self):
        return "x" * 1024


@sqlalchemy.event.listens_for(sqlalchemy.engine.Engine, "connect")
def set_pragmas(connection, _record):
    for pragma in PRAGMAS[durability]:
        connection.execute("PRAGMA " + pragma)


def size(usual, least):
    return max(least, usual * PERCENT // 100)


def tell(name, value, unit):
    print(json.dumps({"name": name, "value": value, "unit": unit, "class": durability, "who": "taskflow"}), flush=True)


def open_backend(folder):
    """A store on a file of its own; none in memory (class M)."""
    if durability == "M":
        return None
    path = tempfile.mkdtemp(dir=folder) + "/flows.db"
    backend = backends.fetch({"connection": "sqlite:///" + path})
    with contextlib.closing(backend.get_connection()) as connection:
        connection.upgrade()
    return backend


def chain(kind, count):
    flow = linear_flow.Flow("chain")
    flow.add(*[kind(name="n%d" % i) for i in range(count)])
    return flow


def run(backend, flow):
    engine = engines.load(flow, backend=backend) if backend else engines.load(flow)
    engine.run()
    return engine.storage.fetch_all()


def run_chains(backend, count, lanes):
    """Chains a second, and the failures of those that failed."""
    left, lock, failures = iter(range(count)), threading.Lock(), []

    def lane():
        while True:
            with lock:
                if next(left, None) is None:
                    return
            try:
                run(backend, chain(Small, 10))
            except Exception as error:  # a flow that fails is told, and its rate is not
                failures.append(str(error).splitlines()[0])

    threads = [threading.Thread(target=lane) for _ in range(lanes)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return count * 10 / (time.perf_counter() - begun), failures


def measure_chains(folder, usual, lanes):
    backend = open_backend(folder)
    run_chains(backend, 1, 1)
    count = size(usual, lanes)
    rate, failures = run_chains(backend, count, lanes)
    if failures:
        print("taskflow: class %s: %d of %d chains, %d at once, failed: %s"
              % (durability, len(failures), count, lanes, failures[0][:100]), file=sys.stderr)
    else:
        tell("chain_10_x%d" % lanes, rate, "1/s")


def measure_long(folder, usual):
    steps = size(usual, 10)
    backend = open_backend(folder)
    begun = time.perf_counter()
    run(backend, chain(Large, steps))
    tell("long_%d_list" % usual, steps / (time.perf_counter() - begun), "1/s")


def measure_fan(folder):
    backend = open_backend(folder)
    rates = []
    for turn in range(size(2, 1) + 1):
        flow = linear_flow.Flow("fan").add(
            unordered_flow.Flow("items").add(*[Small(name="n%d" % i) for i in range(100)]), Small(name="join"))
        begun = time.perf_counter()
        run(backend, flow)
        if turn > 0:
            rates.append(100 / (time.perf_counter() - begun))
    tell("fan_100", statistics.median(rates), "1/s")


def main():
    global durability
    folder = tempfile.mkdtemp(prefix="tdev-bench-", dir="/var/tmp")
    try:
        for durability in ("M", "N", "F"):
            measure_chains(folder, 10, 1)
            measure_fan(folder)
            if durability != "M":
                measure_chains(folder, 16, 16)
                measure_long(folder, 100)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
