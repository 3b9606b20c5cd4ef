"""The criterion about the names, scopes and tags of groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...data import COURSE, INSTANCE, ORGANIZATION
from ...ids import IsAnyOf
from ...models import GroupTag, Membership, Origin, UserGroup
from ...population.members import in_any
from ...population.scopes import ANY_POPULATION_UPDATED_BY, POPULATION_COLUMNS, inside, not_expired, population
from .. import themes
from ..base import OPPOSITES, Operator, Schema
from ..kinds import Opposable
from ..registry import register
from ..texts import text_condition, text_sentence, texts
from ..users import true_of

_FIELD: Schema = {"type": "string", "enum": ["name", "scope", "tag"]}


@register("group_field")
class GroupField(Opposable):
    """Whether the user is in any group of the scope, or inside it, whose name, scope or tag is such a text.

    The scope of a group is the key of its course, or the short name of its organization. Whoever is in no group is
    in none that is called so.
    """

    title = gettext_lazy("Member of groups called")
    theme = themes.GROUPS
    summary = gettext_lazy("Whether somebody is in groups with a certain name, scope or tag.")
    keywords = gettext_lazy("label called cohort team")
    scopes = (COURSE, ORGANIZATION, INSTANCE)
    operators = texts(_FIELD)
    # Who belongs to a course decides who is dormant in its groups.
    updated_by = ANY_POPULATION_UPDATED_BY
    columns = POPULATION_COLUMNS
    example: ClassVar = {"operator": "starts_with", "config": {"field": "name", "value": "Tutorial"}}

    def positive(self, operator: Operator) -> Q:
        return in_any(self._called(operator), self.now)

    def groups(self) -> Iterable[int]:
        return {group.pk for group in self._called(OPPOSITES.get(self.operator, self.operator))}

    def _called(self, operator: Operator) -> list[UserGroup]:
        """The groups that are called so."""
        column = {"name": "name", "scope": "scope__key", "tag": "tag"}[self.config["field"]]
        condition = text_condition(operator, column, self.config)
        if column == "tag":
            condition = Q(pk__in=GroupTag.objects.filter(condition).values("group_id"))
        return self._inside(_groups().filter(condition))

    def _inside(self, groups: Iterable[UserGroup]) -> list[UserGroup]:
        """Those of the groups whose scope is the rule's own or inside it."""
        found = list(groups)
        scopes = inside(self.scope, (group.scope.data for group in found))
        return [group for group in found if group.scope.data in scopes]

    def describe(self) -> str:
        subjects = {"name": _("name"), "scope": _("scope"), "tag": _("tag")}
        asked = OPPOSITES.get(self.operator, self.operator)
        sentence = (
            _("is in a group whose {condition}") if asked == self.operator else _("is in no group whose {condition}")
        )
        return sentence.format(condition=text_sentence(asked, subjects[self.config["field"]], self.config))

    def values(self) -> Mapping[int, Any]:
        rows = self._rows()
        groups = {group.pk: group for group in self._inside(_groups().filter(pk__in={row.group_id for row in rows}))}
        texts_of = self._texts(groups)
        found: dict[int, set[str]] = defaultdict(set)
        for row in rows:
            found[row.user_id] |= texts_of.get(row.group_id, set())
        return {pk: sorted(held) for pk, held in found.items() if held}

    def _rows(self) -> list[Membership]:
        """The memberships of ``users`` that count now: those by a rule, and others of who belongs to the population."""
        rows = Membership.objects.filter(not_expired(self.now), IsAnyOf("user_id", self.users or ()))
        found = list(rows.select_related("group__scope", "collection"))
        asked = {_people(row): _belongs(row, self.now) for row in found if row.origin != Origin.RULE}
        _everyone, awake = true_of(asked, self.users) if asked else (set(), {})
        return [row for row in found if row.origin == Origin.RULE or row.user_id in awake[_people(row)]]

    def _texts(self, groups: Mapping[int, UserGroup]) -> Mapping[int, set[str]]:
        """The texts of the field, by group."""
        found: dict[int, set[str]] = defaultdict(set)
        if self.config["field"] == "tag":
            for group_id, tag in GroupTag.objects.filter(group__in=groups).values_list("group_id", "tag"):
                found[group_id].add(tag)
            return found
        by_name = self.config["field"] == "name"
        return {pk: {group.name if by_name else group.scope.key} - {""} for pk, group in groups.items()}


def _groups() -> QuerySet[UserGroup]:
    return UserGroup.objects.exclude(status=UserGroup.Status.DELETED).select_related("scope", "collection")


def _people(row: Membership) -> tuple[int, int | None]:
    return row.group.scope_id, row.collection.parent_group_id


def _belongs(row: Membership, now: datetime) -> Q:
    return population(row.group.scope.data, now=now, parent_group_id=row.collection.parent_group_id)
