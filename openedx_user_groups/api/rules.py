"""Rules: whom one would hold, and why somebody is in a group or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone
from django.utils.translation import gettext as _

from ..collections import rests
from ..criteria.base import NOBODY, Asker, Asking
from ..data import ExplanationData, PreviewData, RuleTemplateData, ScopeData
from ..evaluation import explanation, suggesting, wording
from ..evaluation import preview as _preview
from ..evaluation.matching import look_up
from ..exceptions import GroupNotFound, InvalidInput
from ..groups import rule_reader, templates
from ..population.scopes import verified
from ..rules.tree import leaves
from .found import group_row, rest_row


def preview(
    scope: ScopeData,
    rule: object,
    *,
    group: UUID | str | None = None,
    user_ids: bool | slice = False,
    steps: bool = False,
    asker: Asker = NOBODY,
    acting_user: AbstractBaseUser | None = None,
) -> PreviewData:
    """Whom a rule would hold now; nothing is stored. Raises InvalidScope, InvalidRule and CriterionError.

    As the rule of ``group``, which lives in the scope, it looks at the members of the group above where there is one,
    and leaves out who is kept out; raises GroupNotFound and InvalidInput. With ``user_ids`` the sorted ids of the
    people, or a slice of them by user name; with ``steps`` how many are left after each part of a rule that needs all
    of its parts.
    """
    scope = verified(scope)
    row = None if group is None else group_row(group)
    if row is not None and row.scope.data != scope:
        raise InvalidInput("group", _("The group lives in {scope}, not here.").format(scope=row.scope.data))
    asking = Asking(scope, timezone.now(), asker=asker)
    tree = rule_reader.parse(rule, scope, asker)
    return _preview.preview(tree, asking, group=row, user_ids=user_ids, steps=steps)


def rule_text(scope: ScopeData, rule: object, *, asker: Asker = NOBODY) -> str:
    """A rule as a sentence. Raises InvalidScope and InvalidRule."""
    scope = verified(scope)
    asking = Asking(scope, timezone.now(), asker=asker)
    tree = rule_reader.parse(rule, scope, asker)
    look_up((leaf, asking) for leaf in leaves(tree))
    return wording.sentence(tree, asking)


def rule_templates(*, scope: ScopeData | None = None) -> list[RuleTemplateData]:
    """Rules for common cases to begin with, of one scope or of all: those of which this service can ask everything."""
    found = templates.usable()
    return found if scope is None else [each for each in found if scope.type in each.scopes]


def suggestions(
    scope: ScopeData, criterion: str, *, key: str, search: str = "", asker: Asker = NOBODY
) -> Mapping[str, str]:
    """Values for a key of a criterion's config, each with a title: some of those with ``search`` in either.

    Raises InvalidScope, InvalidInput and CriterionError.
    """
    return suggesting.suggestions(Asking(verified(scope), timezone.now(), asker=asker), criterion, key, search)


def explain(
    group: UUID | str,
    people: Iterable[str | int],
    *,
    discreet: bool = False,
    asker: Asker = NOBODY,
    acting_user: AbstractBaseUser | None = None,
) -> list[ExplanationData]:
    """Why people are in a group, or are everybody else, or not: of each, in their order, what every node is for them.

    At most 1,000 people; the number of queries grows with the rule, not with them. What the rule names beyond its
    scope is told only as far as ``asker`` sees it; ``discreet`` tells nothing of people who do not belong to the
    group's scope. A criterion that cannot be asked is told of in its node. Raises GroupNotFound and InvalidInput.
    """
    try:
        row = group_row(group)
    except GroupNotFound:
        return rests.explain(rest_row(group), people, timezone.now(), discreet=discreet)
    return explanation.explain(row, people, Asking(row.scope.data, timezone.now(), asker=asker), discreet=discreet)
