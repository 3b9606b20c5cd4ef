"""Invented people and what they study, as plain data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from openedx_user_groups.data import COURSE, INSTANCE, ORGANIZATION, ScopeData
from tests.factories import NOW, Homework

# How many blocks each course has; where there are none, progress is not known.
COURSES: Mapping[str, int] = {"course-v1:Acme+A1+2026": 7, "course-v1:Acme+A2+2026": 0, "course-v1:Other+B1+2026": 2}
ORGANIZATIONS: Mapping[str, str] = {key: key.removeprefix("course-v1:").split("+")[0] for key in COURSES}
FIRST, SECOND, OTHER = (ScopeData(COURSE, key) for key in COURSES)
ACME = ScopeData(ORGANIZATION, "Acme")
SCOPES = (FIRST, SECOND, ACME, ScopeData(INSTANCE))

# What holds which of the blocks, which are numbered from 0. In the second course there is one, shown to staff only.
CONTENTS: Mapping[str, Mapping[tuple[str, str], frozenset[int]]] = {
    FIRST.key: {
        ("vertical", "unit1"): frozenset({0, 1, 2}),
        ("vertical", "unit2"): frozenset({3}),
        ("sequential", "homework"): frozenset(range(4)),
        ("problem", "block0"): frozenset({0}),
        ("problem", "block6"): frozenset({6}),
    },
    SECOND.key: {("problem", "block0"): frozenset({0})},
}


@dataclass(frozen=True)
class Group:
    """A group that people may be in; ``others`` is the UUID of everybody else of its collection."""

    uuid: UUID
    others: UUID
    name: str
    scope: ScopeData
    tags: tuple[str, ...] = ()


def _group(number: int, name: str, scope: ScopeData, *tags: str, collection: int = 0) -> Group:
    return Group(UUID(int=number), UUID(int=100 + (collection or number)), name, scope, tags)


GROUPS = (
    _group(1, "Tutorial A", FIRST, "Tutorial", "early"),
    # Nobody is in both tutorials.
    _group(2, "tutorial B", FIRST, "Tutorial", collection=1),
    _group(3, "Élodie's 100%", FIRST),
    _group(4, "Lab", SECOND, "early"),
    _group(5, "Alumni_", ACME, "ALUMNI"),
    _group(6, "Tutorial elsewhere!", OTHER, "Tutorial"),
    _group(7, "All staff and friends", ScopeData(INSTANCE)),
)


@dataclass(frozen=True)
class Study:
    """What somebody does in one course; the enrollment may have ended while the rest is still there."""

    is_active: bool = True
    mode: str = "audit"
    enrolled: datetime | None = NOW
    percent: float | None = None
    has_passed: bool = False
    certificate: tuple[str, str] | None = None
    done: int = 0
    begun: int = 0
    # When blocks were completed or begun, and when something else was done.
    touched: datetime = NOW
    worked: datetime | None = None
    homework: Homework | None = None


@dataclass(frozen=True)
class Person:
    """An account; ``profile`` is None where there is none, ``pk`` is 0 before it is saved."""

    pk: int = 0
    fields: Mapping[str, str] = field(default_factory=dict)
    is_active: bool = True
    is_staff: bool = False
    joined: datetime = NOW
    last_login: datetime | None = None
    is_disabled: bool = False
    is_retired: bool = False
    profile: Mapping[str, Any] | None = None
    studies: Mapping[str, Study] = field(default_factory=dict)
    # The role that they have in a course, or in all courses of an organization.
    roles: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None
    providers: tuple[str, ...] = ()
    # The origin of their membership in groups, by the number of the group in GROUPS.
    groups: Mapping[int, str] = field(default_factory=dict)


def belongs(person: Person, scope: ScopeData) -> bool:
    """Whether the person is in the population of a scope."""
    if person.is_disabled or person.is_retired:
        return False
    if scope.type == INSTANCE:
        return person.is_active
    return any(study.is_active for study in studies_in(person, scope))


def studies_in(person: Person, scope: ScopeData) -> Iterator[Study]:
    """What the person studies in the courses of a scope."""
    for key, study in person.studies.items():
        if is_inside(ScopeData(COURSE, key), scope):
            yield study


def groups_of(person: Person) -> list[Group]:
    """The groups that the person is in: of those they were put in by hand, while they belong."""
    rows = [(GROUPS[number], origin) for number, origin in person.groups.items()]
    return [group for group, origin in rows if origin == "rule" or belongs(person, group.scope)]


def is_inside(inner: ScopeData, outer: ScopeData) -> bool:
    """Whether a scope is another one or inside it."""
    if outer.type == INSTANCE or inner == outer:
        return True
    return outer.type == ORGANIZATION and ORGANIZATIONS.get(inner.key) == outer.key


def fold(text: str) -> str:
    """The text with the 26 capitals of ASCII made small."""
    return "".join(chr(ord(letter) + 32) if "A" <= letter <= "Z" else letter for letter in text)
