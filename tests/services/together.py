"""Several pieces of work at the same time, each with a connection of its own."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each of the acts returned or raised, after all have begun at once and ended."""
    begin = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def work(place: int) -> None:
        try:
            begin.wait(timeout=120)
            results[place] = acts[place]()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(place,), daemon=True) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive(), "It hangs."
    return results


FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Raised:
    """What an act in another process raised."""

    name: str
    message: str


def apart(*acts: Callable[[], Any]) -> list[Any]:
    """The same, each in a process of its own: what it returned, or what it ``Raised``."""
    connection.close()
    begin = FORK.Barrier(len(acts))
    pipes = [FORK.Pipe(duplex=False) for _ in acts]

    def work(place: int) -> None:
        try:
            begin.wait(timeout=120)
            result = acts[place]()
        except Exception as error:
            result = Raised(type(error).__name__, str(error))
        pipes[place][1].send(result)
        # The fixtures of the test are not this process's to take down.
        os._exit(0)

    processes = [FORK.Process(target=work, args=(place,), daemon=True) for place in range(len(acts))]
    for process in processes:
        process.start()
    results = []
    for reading, _writing in pipes:
        assert reading.poll(120), "It hangs."
        results.append(reading.recv())
    for process in processes:
        process.join(timeout=120)
    return results


def names_of(results: list[Any]) -> list[str]:
    """What the acts raised, "" where they did not; sorted."""
    return sorted(result.name if isinstance(result, Raised) else "" for result in results)
