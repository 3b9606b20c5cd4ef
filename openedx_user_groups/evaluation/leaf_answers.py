"""What each leaf of a rule is for some users: whether it is true of them, unknown, and what they have."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
from django.db import DatabaseError
from django.db.models import Q

from ..criteria.base import Asking
from ..criteria.users import columns
from ..exceptions import CriterionError
from ..ids import IsAnyOf
from ..population.reading import usable_afterwards
from ..rules.combine import normal
from ..rules.tree import Leaf, LeafKey
from ..rules.truth import Truth
from .answers import in_chunks
from .matching import is_told, look_up, predicate_of, texts_of, unknown_of, users_where, values_of
from .wording import leaf_sentence

log = logging.getLogger(__name__)

# Of a leaf: of whom it is true, and about whom it has no data.
Question = tuple[LeafKey, str]
MATCHES, UNKNOWN = "matches", "unknown"


@attrs.define
class LeafAnswers:
    """What one leaf is for each user; it may be hidden from the asker, or it could not be asked for a ``problem``."""

    text: str
    matching: set[int] = attrs.Factory(set)
    unknown: set[int] = attrs.Factory(set)
    values: Mapping[int, Any] = attrs.Factory(dict)
    texts: Mapping[int, str] = attrs.Factory(dict)
    is_hidden: bool = False
    problem: str = ""

    def matches(self, user: int) -> Truth:
        """What the engine makes of it."""
        return None if self.is_hidden or self.problem else user in self.matching

    def truth(self, user: int) -> Truth:
        """The same, but unknown where there is no data."""
        return None if user in self.unknown else self.matches(user)


def leaf_answers(asked: Iterable[Leaf], asking: Asking) -> dict[LeafKey, LeafAnswers]:
    """The answers of each distinct leaf for ``asking.users``.

    One that cannot be asked says why, and the others are answered.
    """
    distinct = {leaf.key: leaf for leaf in asked}
    look_up((leaf, asking) for leaf in distinct.values())
    found = {key: LeafAnswers(leaf_sentence(leaf, asking)) for key, leaf in distinct.items()}
    questions: dict[Question, Q] = {}
    for key, leaf in distinct.items():
        try:
            found[key].is_hidden = not is_told(leaf, asking)
            if not found[key].is_hidden:
                questions |= _questions(leaf, asking)
        except CriterionError as error:
            found[key].problem = error.message
    _ask(questions, found, asking)
    for key, answers in found.items():
        if not answers.is_hidden and not answers.problem:
            _tell_values(distinct[key], answers, asking)
    return found


def _questions(leaf: Leaf, asking: Asking) -> dict[Question, Q]:
    conditions = {(leaf.key, MATCHES): predicate_of(leaf, asking)}
    unknown = unknown_of(leaf, asking)
    return conditions if unknown is None else conditions | {(leaf.key, UNKNOWN): unknown}


def _ask(questions: Mapping[Question, Q], found: Mapping[LeafKey, LeafAnswers], asking: Asking) -> None:
    asked = {question: normal(condition, per_user=True) for question, condition in questions.items()}
    for chunk in in_chunks(asked):
        try:
            _note(_read(chunk, asking), found)
        except DatabaseError:
            # One of them is refused; the others have an answer all the same.
            for question, condition in chunk.items():
                try:
                    _note(_read({question: condition}, asking), found)
                except DatabaseError as error:
                    found[question[0]].problem = str(error)


def _read(conditions: Mapping[Question, Q], asking: Asking) -> dict[Question, set[int]]:
    _users, answers = columns(users_where(Q(IsAnyOf("id", asking.users or ()))), conditions)
    return answers


def _note(answers: Mapping[Question, set[int]], found: Mapping[LeafKey, LeafAnswers]) -> None:
    for (key, what), users in answers.items():
        if what == MATCHES:
            found[key].matching = users
        else:
            found[key].unknown = users


def _tell_values(leaf: Leaf, answers: LeafAnswers, asking: Asking) -> None:
    try:
        with usable_afterwards():
            answers.values = values_of(leaf, asking)
            answers.texts = texts_of(leaf, asking, answers.values)
    except (CriterionError, DatabaseError):
        # What somebody has is of use, but not needed to say whether the criterion is true of them.
        log.warning("User groups: %s cannot say its values.", leaf.criterion, exc_info=True)
