"""Explanation: why people are in a group or not, node by node of its rule, with what each of them has. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs
from django.db.models import Q
from django.utils.translation import gettext as _

from ..criteria.base import Asking
from ..data import ExplanationData, NodeExplanation
from ..exceptions import InvalidInput
from ..ids import IsAnyOf
from ..models import Membership, Origin, UserGroup
from ..platform.people import Person, nobody_here, resolve
from ..population.scopes import not_expired
from ..rules.tree import Leaf, Node, leaves, nodes
from ..rules.truth import Truth, truths
from .answers import Answers
from .definition import Definition, load
from .leaf_answers import leaf_answers
from .wording import branch_titles

MAX_PEOPLE = 1_000

YES, NO, UNKNOWN, HIDDEN, FAILED = "yes", "no", "unknown", "hidden", "failed"


def explain(
    group: UserGroup, people: Iterable[str | int], asking: Asking, *, discreet: bool = False
) -> list[ExplanationData]:
    """An explanation for each person, in their order; see ``api.explain``."""
    named = list(people)
    if len(named) > MAX_PEOPLE:
        raise InvalidInput("people", _("At most {limit} people can be asked about.").format(limit=MAX_PEOPLE))
    (definition,) = load(UserGroup.objects.filter(pk=group.pk))
    persons = resolve(named)
    users = sorted({person.user_id for person in persons if person.user_id is not None})
    explained = _Explained(definition, users, attrs.evolve(asking, users=users)) if users else None
    divides = definition.parent_group_id is not None
    hidden = nobody_here(definition.scope.type, divides=divides) if discreet else None
    return [_of(person, explained, hidden) for person in persons]


def _of(person: Person, explained: _Explained | None, hidden: str | None) -> ExplanationData:
    if person.user_id is None or explained is None:
        return ExplanationData(person.named, None, person.why if hidden is None else hidden)
    if hidden is not None and not explained.is_known(person.user_id):
        return ExplanationData(person.named, None, hidden)
    found = explained.of(person.named, person.user_id)
    # Whoever has left is known for where they stood in the group, and not for what they do now.
    return attrs.evolve(found, nodes=()) if hidden is not None and not found.belongs else found


class _Explained:
    """All that is known of the users and one group, read in a number of queries that does not grow with the users."""

    def __init__(self, group: Definition, users: Sequence[int], asking: Asking) -> None:
        self.group = group
        answers = Answers(users, asking.now)
        self.population = answers.population(group.scope, group.parent_group_id)
        self.excluded = answers.excluded([group.group_id]).get(group.group_id, set())
        here = Q(collection=group.collection_id)
        if group.is_moving:
            # Some of its members are in the collection to which it goes.
            here |= Q(group=group.group_id)
        held = Membership.objects.filter(here, not_expired(asking.now), IsAnyOf("user_id", users))
        rows = list(held.values_list("user_id", "group_id", "origin"))
        # Who is in the group is in it, whatever has them in the collection that it leaves.
        rows.sort(key=lambda row: row[1] == group.group_id)
        self.seats = {user: (place, origin) for user, place, origin in rows}
        self.holders = dict(UserGroup.objects.filter(collection=group.collection_id).values_list("pk", "uuid"))
        self.nodes = list(nodes(group.rule)) if group.rule else []
        self.titles = branch_titles()
        self.leaves = leaf_answers(leaves(group.rule), asking) if group.rule else {}

    def is_known(self, user: int) -> bool:
        """Whether the managers of the group know of the user anyway."""
        return user in self.population or user in self.excluded or self._is_in(user)

    def of(self, named: str | int, user: int) -> ExplanationData:
        """The explanation for one user."""
        place, origin = self.seats.get(user, (None, ""))
        is_in = self._is_in(user)
        return ExplanationData(
            person=named,
            user_id=user,
            belongs=user in self.population,
            # Whoever was put in otherwise than by the rule and has left the population is dormant.
            is_member=is_in and (user in self.population or origin == Origin.RULE),
            origin=origin if is_in else "",
            is_excluded=user in self.excluded,
            held_by=None if is_in or place is None else self.holders.get(place),
            nodes=tuple(self._nodes(user)),
        )

    def _is_in(self, user: int) -> bool:
        return user in self.seats and self.seats[user][0] == self.group.group_id

    def _nodes(self, user: int) -> Iterator[NodeExplanation]:
        if self.group.rule is None:
            return
        matches = truths(self.group.rule, lambda leaf: self.leaves[leaf.key].matches(user))
        told = truths(self.group.rule, lambda leaf: self.leaves[leaf.key].truth(user))
        for node in self.nodes:
            yield self._node(node, user, matches[node.path], told[node.path])

    def _node(self, node: Node, user: int, matches: Truth, truth: Truth) -> NodeExplanation:
        word = UNKNOWN if truth is None else YES if truth else NO
        if not isinstance(node, Leaf):
            return NodeExplanation(node.path, self.titles[node.combine], word, matches)
        leaf = self.leaves[node.key]
        if leaf.is_hidden or leaf.problem:
            word = HIDDEN if leaf.is_hidden else FAILED
        value, text = leaf.values.get(user), leaf.texts.get(user, "")
        return NodeExplanation(node.path, leaf.text, word, matches, value, leaf.problem, text)
