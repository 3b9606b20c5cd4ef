"""Several pieces of work at the same time, each with a connection of its own."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each of the acts returned or raised, after all have begun at once and ended."""
    begin = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def work(place: int) -> None:
        try:
            begin.wait(timeout=30)
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
