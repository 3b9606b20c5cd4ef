"""Listening: in which scopes there are groups that something that happens may change.

Most of what happens on a platform changes no group, and finding that out must cost next to nothing: the answer is in
Django's cache. It counts as long as no group has changed since, and for a minute at most.
"""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable
from uuid import uuid4

import attrs
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from ..criteria import registry
from ..criteria.base import Affected
from ..data import COURSE, INSTANCE, ORGANIZATION, ScopeData
from ..models import GroupCollection, GroupCriterion, PendingMember, Scope, UserGroup
from ..outbox.noted import Listeners
from ..platform import lms, toggles
from ..population.scopes import (
    ENROLLMENT_COLUMNS,
    PENDING_UPDATED_BY,
    POPULATION_COLUMNS,
    POPULATION_UPDATED_BY,
    inside,
)
from ..text import IsOneOf, fold
from .affected import Path

log = logging.getLogger(__name__)

# Whoever reads the cache and then commits within that time may have missed a group that was activated meanwhile;
# such groups are due again until they were refreshed later than that.
SECONDS = 60
GENERATION = "openedx_user_groups.listening.generation"
# Stands beside the names of criteria for the question who belongs to a scope.
POPULATION = ""
# And for the addresses that wait for somebody: who registers, confirms an address or enrolls may be whom they name.
PENDING = "openedx_user_groups.PendingMember"
PENDING_COLUMNS = {"auth.User": ("email", "is_active"), **ENROLLMENT_COLUMNS}

METHODS = (UserGroup.Method.ANY, UserGroup.Method.EVENTS)
REFRESHED = (*METHODS, UserGroup.Method.SCHEDULE)


@attrs.frozen
class Interest:
    """What wants to know of an event or a table: a criterion, by its name, or the population of scopes.

    Where that names the user and perhaps the course; and for a table the columns that matter, none for all.
    """

    name: str
    user: Path
    course: Path | None
    columns: tuple[str, ...] = ()


def sources() -> set[str]:
    """Every event and table that something wants to know of, here or not."""
    named = [each.updated_by for each in registry.all_types()]
    return set().union(*named, *POPULATION_UPDATED_BY.values(), PENDING_UPDATED_BY)


def interests(source: str) -> list[Interest]:
    """What wants to know of an event or a table."""
    criteria = [each for each in registry.all_types() if source in each.updated_by]
    found = [_interest(each.name, each.updated_by[source], each.columns.get(source, ())) for each in criteria]
    populations = {paths[source] for paths in POPULATION_UPDATED_BY.values() if source in paths}
    columns = POPULATION_COLUMNS.get(source, ())
    found += [_interest(POPULATION, affected, columns) for affected in populations]
    if source in PENDING_UPDATED_BY:
        found.append(_interest(PENDING, PENDING_UPDATED_BY[source], PENDING_COLUMNS.get(source, ())))
    return found


def _interest(name: str, affected: Affected, columns: Iterable[str]) -> Interest:
    user, course = affected if isinstance(affected, tuple) else (affected, None)
    return Interest(name, user, course, tuple(columns))


def scopes_of(source: str, course_key: str = "") -> Listeners:
    """The scopes in which groups listen to an event or a table, each with the names of what listens there.

    Those of a course: its own, its organization's and the instance's. Without a course it is None, for all that the
    user has to do with. Nothing where nobody listens, or the feature is off.
    """
    if _is_changing():
        return _read(source, course_key)
    digest = hashlib.sha256(f"{source} {course_key}".encode()).hexdigest()
    key = f"openedx_user_groups.listening.{digest}"
    try:
        found = cache.get_many([GENERATION, key])
        generation, answered = found.get(GENERATION), found.get(key)
        if generation is not None and answered is not None and answered[0] == generation:
            return answered[1]
        generation = generation or cache.get_or_set(GENERATION, _token, None)
    except Exception:
        log.warning("User groups: the cache does not answer; the database is asked.", exc_info=True)
        return _read(source, course_key)
    # The generation was read first: what changes while the database is read makes another one.
    answer = _read(source, course_key)
    try:
        cache.set(key, (generation, answer), SECONDS)
    except Exception:
        log.warning("User groups: the cache takes nothing; the database will be asked again.", exc_info=True)
    return answer


def changed() -> None:
    """What listens has changed, or will have when the transaction is committed: nothing that is cached counts."""
    transaction.on_commit(_begin_generation, robust=True)


def catch_up(switched: ScopeData) -> None:
    """Let the groups within a scope be due, for what happened there while the feature was off."""
    dynamic = GroupCriterion.objects.filter(position=0).values("group")
    groups = UserGroup.objects.filter(pk__in=dynamic, status=UserGroup.Status.ACTIVE, method__in=REFRESHED)
    scopes = {scope.data: scope.pk for scope in Scope.objects.filter(pk__in=groups.values("scope"))}
    concerned = [scopes[each] for each in inside(switched, scopes)]
    groups.filter(scope__in=concerned).update(next_due=timezone.now())


def _begin_generation() -> None:
    cache.set(GENERATION, _token(), None)


def _token() -> str:
    return uuid4().hex


def _is_changing() -> bool:
    """Whether the open transaction changes what listens, which nobody else is to know before it is committed."""
    return connection.in_atomic_block and any(hook[1] is _begin_generation for hook in connection.run_on_commit)


def _read(source: str, course_key: str) -> Listeners:
    # Within a savepoint: on PostgreSQL a statement that fails would be the end of the caller's transaction.
    with transaction.atomic():
        scopes = _scopes_of_course(course_key) if course_key else None
        found = {} if scopes == [] else _listening(source, scopes)
        if scopes is not None:
            return {scope.pk: frozenset(names) for scope, names in found.items() if toggles.is_on(scope.data)}
        heard: set[str] = set()
        for scope, names in found.items():
            # Asked only where it makes a difference: there may be thousands of scopes.
            if not names <= heard and toggles.is_on(scope.data):
                heard |= names
        return {None: frozenset(heard)} if heard else {}


def _scopes_of_course(course_key: str) -> list[Scope]:
    """The scopes, as far as they have groups, of which a course is part; none of a course that is not there."""
    organization = _organization_of(course_key)
    if organization is None:
        return []
    own = Q(type=COURSE, key=course_key) | Q(type=INSTANCE)
    found = Scope.objects.filter(own | Q(IsOneOf("key", organization), type=ORGANIZATION))
    # Compared in Python: MySQL finds a key in any case.
    return [scope for scope in found if scope.type != COURSE or scope.key == course_key]


def _organization_of(course_key: str) -> str | None:
    """The organization that a course belongs to, which need not be the one in its key."""
    try:
        key = CourseKey.from_string(course_key)
    except InvalidKeyError:
        return None
    found = lms.rows("course_overviews.CourseOverview").filter(id=key).values_list("id", "org")
    org = next((fold(org) for pk, org in found if str(pk) == course_key), None)
    if org is None:
        log.info("User groups: something happened in %s, which is no course here.", course_key)
    return org


def _listening(source: str, scopes: list[Scope] | None) -> dict[Scope, set[str]]:
    """What listens in each of the scopes, in all of them for None."""
    names = {interest.name for interest in interests(source)} - {POPULATION, PENDING}
    types = [each for each, updated_by in POPULATION_UPDATED_BY.items() if source in updated_by]
    groups = UserGroup.objects.filter(status=UserGroup.Status.ACTIVE, method__in=METHODS)
    if scopes is not None:
        groups = groups.filter(scope__in=scopes)
    found: dict[int, set[str]] = defaultdict(set)
    leaves = GroupCriterion.objects.filter(combine="", criterion__in=names, group__in=groups)
    for scope_id, name in leaves.values_list("group__scope", "criterion").distinct():
        found[scope_id].add(name)
    if types:
        for scope_id in _with_a_population(groups.filter(scope__type__in=types)):
            found[scope_id].add(POPULATION)
    if source in PENDING_UPDATED_BY:
        for scope_id in _where_addresses_wait(scopes):
            found[scope_id].add(PENDING)
    rows = Scope.objects.in_bulk(found)
    return {rows[pk]: listening for pk, listening in found.items()}


def _where_addresses_wait(scopes: list[Scope] | None) -> set[int]:
    waiting = PendingMember.objects.order_by()
    if scopes is not None:
        waiting = waiting.filter(group__scope__in=scopes)
    return set(waiting.values_list("group__scope", flat=True).distinct())


def _with_a_population(groups: QuerySet[UserGroup]) -> set[int]:
    """The scopes of those groups whose members depend on who belongs to the scope: by a rule, or by chance."""
    by_rule = Q(pk__in=GroupCriterion.objects.filter(position=0).values("group"))
    by_chance = Q(collection__kind=GroupCollection.Kind.RANDOM)
    return set(groups.filter(by_rule | by_chance).values_list("scope", flat=True))
