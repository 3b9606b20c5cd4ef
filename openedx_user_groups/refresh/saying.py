"""Saying why: reasons are kept as what they are about, and put into words for whoever reads them.

Whoever writes a reason down is a worker, which knows neither the language nor how numbers are written where it is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EMPTIED = "emptied"
TOO_MANY = "too_many"
OTHER_HELD = "other_held"
OTHER_BROKEN = "other_broken"
WORKER_STOPPED = "worker_stopped"

SENTENCES: Mapping[str, Promise] = {
    EMPTIED: _("It would empty the group of its {members} members."),
    TOO_MANY: _("{leaving} of {members} members would leave within a day; at most {limit} percent may."),
    OTHER_HELD: _("Another group of the collection is held."),
    OTHER_BROKEN: _("Another group of the collection is broken."),
    WORKER_STOPPED: _("Its worker stopped before the end; what it had written stays."),
}
NAME = "reason"


def kept(reason: str, **numbers: float) -> str:
    """A reason as it is stored."""
    return json.dumps({NAME: reason, **numbers})


def told(stored: str) -> str:
    """A reason in words; what is stored as words, such as what a criterion says, is told as it is."""
    found = _read(stored)
    sentence = SENTENCES.get(str(found.pop(NAME, "")))
    if sentence is None:
        return stored
    numbers = {name: number_format(number, use_l10n=True, force_grouping=True) for name, number in found.items()}
    return str(sentence).format(**numbers)


def _read(stored: str) -> dict[str, float]:
    if not stored.startswith("{"):
        return {}
    try:
        found = json.loads(stored)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
