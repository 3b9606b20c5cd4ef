"""Criteria of plugins that take their time, for rules of everybody in a scope."""

import threading
import time
from typing import Any

from django.db.models import Q

from openedx_user_groups.criteria import Criterion, Operator
from tests.by_api import EVERYWHERE, leaf

EVERYBODY = Q(pk__isnull=False)


class Slow(Criterion):
    """It is asked again for each batch, and takes so many seconds for one."""

    title = "Slow"
    scopes = EVERYWHERE
    operators = {Operator.IS_TRUE: {"type": "object", "properties": {"seconds": {"type": "number"}}}}

    def predicate(self) -> Q:
        if self.users is not None:
            time.sleep(self.config["seconds"])
        return EVERYBODY

    def describe(self) -> str:
        return "is worth waiting for"


class Hangs(Slow):
    """It waits for something that never comes."""

    title = "Hangs"

    def predicate(self) -> Q:
        threading.Event().wait()
        return EVERYBODY


def slow(seconds: float) -> dict[str, Any]:
    """The rule of everybody that takes so long for each batch."""
    return {"all": [leaf("acme.slow", "is_true", seconds=seconds)]}


PLUGIN = {"acme.slow": Slow, "acme.hangs": Hangs}
