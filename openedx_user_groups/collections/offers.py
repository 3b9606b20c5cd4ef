"""Offers: the collections in which somebody may choose a group by themselves."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.utils import timezone

from ..criteria.users import columns
from ..data import COURSE
from ..evaluation.answers import in_chunks
from ..evaluation.matching import users_where
from ..models import GroupCollection
from ..platform import lms
from ..population.scopes import ENROLLMENT, population
from ..rules.combine import normal

Kind = GroupCollection.Kind


def offered_to(user_id: int) -> list[GroupCollection]:
    """Those to whose population a user belongs, by name, with their scopes.

    In question are those of the courses that the user is enrolled in, and all that are beyond courses; as many as a
    statement takes are asked about together.
    """
    rows = GroupCollection.objects.filter(kind=Kind.SELF).select_related("scope").order_by("name", "pk")
    candidates = list(rows.filter(~Q(scope__type=COURSE) | Q(scope__key__in=_courses_of(user_id))))
    belongs = _belongs(candidates, user_id)
    return [row for row in candidates if row.pk in belongs]


def _courses_of(user_id: int) -> list[str]:
    if not lms.is_installed(ENROLLMENT):
        return []
    enrolled = lms.rows(ENROLLMENT).filter(user=user_id, is_active=True)
    return [str(key) for key in enrolled.values_list("course_id", flat=True)]


def _belongs(candidates: Sequence[GroupCollection], user_id: int) -> set[int]:
    now = timezone.now()
    conditions = {
        row.pk: population(row.scope.data, now=now, parent_group_id=row.parent_group_id) for row in candidates
    }
    found: set[int] = set()
    for chunk in in_chunks(conditions) if candidates else ():
        asked = {pk: normal(condition, per_user=True) for pk, condition in chunk.items()}
        _there, answers = columns(users_where(Q(pk=user_id)), asked)
        found |= {pk for pk, users in answers.items() if users}
    return found
