"""The criterion that divides people at random, the same way every time."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any, ClassVar

from django.db.models import BigIntegerField, F, Q, Value
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThanOrEqual, LessThan
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...data import COURSE, INSTANCE, ORGANIZATION
from ...population.scopes import ENROLLMENT_COLUMNS, ENROLLMENT_UPDATED_BY
from .. import themes
from ..base import Operator
from ..kinds import NumberCriterion
from ..registry import register
from ..schemas import TEXT, interval

# The largest prime below 2^31, so that no product of two numbers below it outgrows 64 bits.
PRIME = 2**31 - 1
# Users have neighbouring ids. Where a/PRIME comes too close to a simple fraction, their numbers would as well.
MAX_QUOTIENT = 10


@register("random_share")
class RandomShare(NumberCriterion):
    """Whether the user is in a share of everybody, drawn at random by the seed and always the same.

    Every seed puts all users in another order of its own, from 0 to 100 percent. A share begins with its first number
    and ends before its second one: [0, 50] and [50, 100] divide everybody in two, [0, 20] is within [0, 30].
    """

    title = gettext_lazy("Random share")
    theme = themes.CHANCE
    summary = gettext_lazy("A share of everybody, drawn at random and always the same.")
    keywords = gettext_lazy("experiment test sample lottery percentage half")
    scopes = (COURSE, ORGANIZATION, INSTANCE)
    operators: ClassVar = {Operator.BETWEEN: interval("percent", 0, 100, seed=TEXT)}
    updated_by: ClassVar = {
        "org.openedx.learning.student.registration.completed.v1": "user.id",
        **ENROLLMENT_UPDATED_BY,
    }
    columns = ENROLLMENT_COLUMNS
    example: ClassVar = {"operator": "between", "config": {"percent": [0, 50], "seed": "Homepage, spring"}}

    def predicate(self) -> Q:
        first, end = (math.ceil(Fraction(str(percent)) * PRIME / 100) for percent in self._percents())
        where = place(Cast(F("pk"), BigIntegerField()), self._seed())
        return Q(GreaterThanOrEqual(where, _whole(first))) & Q(LessThan(where, _whole(end)))

    def problems(self) -> Iterable[tuple[str, str]]:
        first, end = self._percents()
        if first >= end:
            yield "percent", _("The first number must be smaller than the second.")

    def describe(self) -> str:
        first, end = self._percents()
        return _("is in the share from {first}% to {end}% that the seed “{seed}” draws").format(
            first=f"{first:g}", end=f"{end:g}", seed=self._seed()
        )

    def amounts(self) -> Iterable[tuple[int, float]]:
        return [(pk, place_of(pk, self._seed()) * 100 / PRIME) for pk in self.users or ()]

    def _percents(self) -> tuple[Any, Any]:
        percents: Any = self.config["percent"]
        return percents[0], percents[1]

    def _seed(self) -> str:
        return str(self.config["seed"])


def place(pk: Any, seed: str) -> Any:
    """The place of a user among PRIME ones, from 0, as an expression of the id, which is one of 64 bits."""
    factor, shift = (_whole(number) for number in order(seed))
    # Reduced first: an id may be larger, and the product must not outgrow 64 bits.
    return (pk % _whole(PRIME) * factor + shift) % _whole(PRIME)


def place_of(pk: int, seed: str) -> int:
    """The same for one user."""
    factor, shift = order(seed)
    return (pk * factor + shift) % PRIME


@lru_cache
def order(seed: str) -> tuple[int, int]:
    """The factor and the shift of a seed: the place of a user is id * factor + shift, modulo PRIME."""
    number = 0
    while True:
        digest = hashlib.sha256(f"{number}:{seed}".encode(errors="surrogatepass")).digest()
        factor = int.from_bytes(digest[:8]) % (PRIME - 1) + 1
        if all(quotient <= MAX_QUOTIENT for quotient in _quotients(factor, PRIME)):
            return factor, int.from_bytes(digest[8:16]) % PRIME
        number += 1


def _quotients(numerator: int, denominator: int) -> Iterator[int]:
    """Those of the continued fraction: a large one tells of a simple fraction nearby."""
    while numerator:
        yield denominator // numerator
        numerator, denominator = denominator % numerator, numerator


def _whole(number: int) -> Value:
    return Value(number, output_field=BigIntegerField())
