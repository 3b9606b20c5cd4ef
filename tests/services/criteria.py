"""Criteria of plugins that take their time, for rules of everybody in a scope."""

import threading
from pathlib import Path
from typing import Any

from django.db.models import Q

from openedx_user_groups.batches import SIZE
from openedx_user_groups.criteria import Criterion, Operator
from tests.by_api import EVERYWHERE, leaf

EVERYBODY = Q(pk__isnull=False)


class Gated(Criterion):
    """It waits until there is a file: when it is asked about everyone, or about a batch that is not full, the last one.

    Of a batch it is asked while the collection is locked.
    """

    title = "Gated"
    scopes = EVERYWHERE
    operators = {
        Operator.IS_TRUE: {
            "type": "object",
            "properties": {"gate": {"type": "string"}, "at": {"enum": ["everyone", "last batch"]}},
        }
    }

    def predicate(self) -> Q:
        at = "everyone" if self.users is None else "last batch" if len(self.users) < SIZE else "batch"
        if at == self.config["at"]:
            gate = Path(self.config["gate"])
            reached(gate).touch()
            pause = threading.Event()
            while not gate.exists():
                pause.wait(0.05)
        return EVERYBODY

    def describe(self) -> str:
        return "is worth waiting for"


class Hangs(Criterion):
    """It waits for something that never comes."""

    title = "Hangs"
    scopes = EVERYWHERE
    operators = {Operator.IS_TRUE: {"type": "object"}}

    def predicate(self) -> Q:
        threading.Event().wait()
        return EVERYBODY

    def describe(self) -> str:
        return "never comes"


def gated(gate: Path, at: str = "last batch") -> dict[str, Any]:
    """The leaf of everybody that waits for a file ``gate``."""
    return leaf("acme.gated", "is_true", gate=str(gate), at=at)


def reached(gate: Path) -> Path:
    """The file that is there once somebody waits for ``gate``."""
    return gate.with_suffix(".reached")


PLUGIN = {"acme.gated": Gated, "acme.hangs": Hangs}
