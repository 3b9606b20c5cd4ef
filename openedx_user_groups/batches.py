"""Batches: users in lots that are written in one transaction each, so that others wait no longer than that takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

SIZE = 5_000


def batches(users: Sequence[int]) -> Iterator[list[int]]:
    """The users in lots."""
    for start in range(0, len(users), SIZE):
        yield list(users[start : start + SIZE])
