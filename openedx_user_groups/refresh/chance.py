"""Chance: weighted rendezvous hashing, by which everybody always draws the same of several groups.

Each group has a claim on each user, which nothing else changes: another group wins only those whom it has the strongest
claim on, and takes nobody from one of the others to another one.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

KeyT = TypeVar("KeyT")

BITS = 53


def claim(collection: UUID, group: UUID, weight: int, user_id: int) -> float:
    """How strongly a group claims a user; of several with the same weight all win as often. Nothing without weight."""
    if weight <= 0:
        return -math.inf
    digest = hashlib.sha256(collection.bytes + group.bytes + user_id.to_bytes(8, "big")).digest()
    # Evenly between 0 and 1, and neither of them.
    place = ((int.from_bytes(digest[:8], "big") >> (64 - BITS)) + 0.5) / 2**BITS
    return math.log(place) / weight


def strongest(claims: Mapping[KeyT, float]) -> KeyT | None:
    """Who wins; None where nobody claims."""
    winner = max(claims, key=lambda key: claims[key], default=None)
    return None if winner is None or claims[winner] == -math.inf else winner


def shares(number: int, weights: Mapping[KeyT, int]) -> dict[KeyT, int]:
    """How many of ``number`` users each of several groups gets by weight; the largest remainders get what is left."""
    total = sum(weights.values())
    if not total:
        return dict.fromkeys(weights, 0)
    exact = {key: divmod(number * weight, total) for key, weight in weights.items()}
    found = {key: whole for key, (whole, _rest) in exact.items()}
    left = number - sum(found.values())
    for key in sorted(weights, key=lambda key: (-exact[key][1], str(key)))[:left]:
        found[key] += 1
    return found


def weakest(claims: Mapping[int, float], number: int) -> list[int]:
    """That many of the users that a group has claims on: those with the weakest."""
    return sorted(claims, key=lambda user: (claims[user], user))[:number]
