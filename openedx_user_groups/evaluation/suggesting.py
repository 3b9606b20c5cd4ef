"""Suggestions: the values that a form offers for a key of the config of a criterion."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from django.utils.translation import gettext as _

from .. import deadline
from ..criteria import registry
from ..criteria.base import MAX_SUGGESTIONS, Asking
from ..exceptions import (
    CriterionError,
    CriterionFailed,
    CriterionUnavailable,
    InvalidInput,
    UnknownCriterion,
    encodable,
    in_words,
)


def suggestions(asking: Asking, criterion: str, key: str, search: str) -> Mapping[str, str]:
    """Some of the values with ``search`` in them or in their title. Raises InvalidInput and CriterionError."""
    try:
        kind = registry.get(criterion)
    except UnknownCriterion as error:
        raise InvalidInput("criterion", error.message) from None
    if asking.scope.type not in kind.scopes or (
        kind.permission and not asking.asker.has(kind.permission, asking.scope)
    ):
        raise InvalidInput("criterion", _("It cannot be used in this scope."))
    if key not in kind.suggests:
        raise InvalidInput("key", _("It suggests nothing for {key!r}.").format(key=key))
    if reason := registry.why_unavailable(kind):
        raise CriterionUnavailable(reason)
    try:
        with deadline.within(deadline.PROMPT):
            found = {encodable(str(v)): encodable(str(t)) for v, t in kind.suggestions(asking, key, search).items()}
    except CriterionError:
        raise
    except Exception as error:
        raise CriterionFailed(f"{kind.name} failed: {in_words(error)}") from error
    wanted = search.casefold()
    fitting = ((value, title) for value, title in found.items() if wanted in f"{value}\n{title}".casefold())
    return dict(islice(fitting, MAX_SUGGESTIONS))
