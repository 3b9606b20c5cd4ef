"""Samples: one piece of work in a process of its own, with its time, its peak of memory and its queries."""

import json
import os
import resource
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection


@dataclass
class Sample:
    """What one execution took: seconds, MB of memory on top, queries; ``result`` is what it returned."""

    seconds: float
    megabytes: float
    queries: int
    result: Any


def sample(work: Callable[[], Any]) -> Sample:
    """Do ``work`` in a forked child with a connection of its own."""
    connection.close()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        status = 1
        try:
            with os.fdopen(writing, "w") as pipe:
                json.dump(asdict(_measured(work)), pipe)
            status = 0
        except BaseException:
            # Nobody else will: the child ends here, without what Python does at the end.
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit("A sample failed; its error is above.")
    return Sample(**json.loads(told))


def _measured(work: Callable[[], Any]) -> Sample:
    connection.ensure_connection()
    queries = 0

    def count(execute: Any, *args: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*args)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with connection.execute_wrapper(count):
        started = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Sample(seconds, (after - before) / 1024, queries, result)
