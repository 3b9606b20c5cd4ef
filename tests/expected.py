"""Who should be in which group, in plain Python: what the product is compared with, whatever has happened to both.

Groups that refreshes decide about are worked out anew each time. What refreshes leave alone is kept: who was put in by
hand, and the members of groups that are paused or put away, as they were then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from openedx_user_groups.data import ScopeData
from tests.plain import Person, Study, belongs, is_true

RULE, MANUAL = "rule", "manual"
Pin = tuple[UUID, str]


@dataclass
class Group:
    """A group as its authors know it; ``rule`` is JSON, None where there is none."""

    uuid: UUID
    scope: ScopeData
    collection: UUID
    rule: Any = None
    status: str = "active"
    mode: str = "both"

    @property
    def is_refreshed(self) -> bool:
        """Whether refreshes decide who is in it."""
        return self.status == "active" and self.rule is not None


@dataclass
class Collection:
    """A set of exclusive groups, by priority; perhaps under a group; ``rest`` names everybody else."""

    uuid: UUID
    rest: UUID
    scope: ScopeData
    groups: list[UUID] = field(default_factory=list)
    under: UUID | None = None
    # Who is not moved by refreshes, with their group and how they came in.
    pins: dict[int, Pin] = field(default_factory=dict)
    is_named: bool = True
    # Nothing is written to it: somebody has to decide, or a plugin fails.
    is_stuck: bool = False


class Expected:
    """People, groups and collections, and who should be where."""

    def __init__(self, people: Mapping[int, Person]) -> None:
        self.people = dict(people)
        self.groups: dict[UUID, Group] = {}
        self.collections: dict[UUID, Collection] = {}
        self.excluded: set[tuple[UUID, int]] = set()

    def home(self, group: UUID) -> Collection:
        """The collection of a group."""
        return self.collections[self.groups[group].collection]

    def change(self, user: int, **fields: Any) -> None:
        """Something about a person is different now."""
        self.people[user] = replace(self.people[user], **fields)

    def study(self, user: int, course: str, **fields: Any) -> None:
        """So is what somebody does in a course."""
        person = self.people[user]
        study = replace(person.studies.get(course, Study(is_active=False)), **fields)
        self.change(user, studies={**person.studies, course: study})

    def rows(self, group: UUID) -> dict[int, str]:
        """The users who have a place in a group, and how they came in."""
        placed = self._placed(self.home(group))
        return {user: origin for user, (uuid, origin) in placed.items() if uuid == group}

    def members(self, group: UUID) -> set[int]:
        """Those who count: whoever was put in by hand sleeps while they do not belong."""
        rows = self.rows(group)
        return {user for user, origin in rows.items() if origin == RULE or self.belongs(group, user)}

    def everybody_else(self, collection: Collection) -> set[int]:
        """Who belongs to a collection and is in none of its groups."""
        placed = set().union(*(self.members(group) for group in collection.groups))
        return {user for user in self.people if self._belongs(collection, user)} - placed

    def belongs(self, group: UUID, user: int) -> bool:
        """Whether a user is one of those of whom a group is made."""
        return self._belongs(self.home(group), user)

    def _belongs(self, collection: Collection, user: int) -> bool:
        is_above = collection.under is None or user in self.rows(collection.under)
        return is_above and belongs(self.people[user], collection.scope)

    def wants(self, group: UUID, user: int) -> bool:
        """Whether the rule of a group claims a user."""
        rule, is_excluded = self.groups[group].rule, (group, user) in self.excluded
        return rule is not None and not is_excluded and self.belongs(group, user) and self._is_true(rule, group, user)

    def _placed(self, collection: Collection) -> dict[int, Pin]:
        found = {user: place for user in self.people if (place := self._place(collection, user)) is not None}
        if collection.under is None:
            return found
        above = self.rows(collection.under)
        return {user: place for user, place in found.items() if user in above}

    def _place(self, collection: Collection, user: int) -> Pin | None:
        if user in collection.pins:
            return collection.pins[user]
        if collection.is_stuck:
            return None
        groups = map(self.groups.__getitem__, collection.groups)
        refreshed = [group.uuid for group in groups if group.is_refreshed and group.mode != "remove"]
        return next(((uuid, RULE) for uuid in refreshed if self.wants(uuid, user)), None)

    def _is_true(self, node: Any, group: UUID, user: int) -> bool:
        if node.get("criterion") == "group_member":
            found = [user in self._named(UUID(text)) for text in node["config"]["groups"]]
            return not any(found) if node["operator"] == "not_in" else any(found)
        if node.get("criterion") == "test.fails":
            return user in node["config"]["ids"]
        if "criterion" in node:
            return is_true(node, self.people[user], self.groups[group].scope)
        [(combine, children)] = node.items()
        answers = [self._is_true(child, group, user) for child in children]
        return {"all": all(answers), "any": any(answers), "none": not any(answers)}[combine]

    def _named(self, uuid: UUID) -> set[int]:
        if uuid in self.groups:
            return self.members(uuid)
        (collection,) = (each for each in self.collections.values() if each.rest == uuid)
        return self.everybody_else(collection)

    def asks_about(self, uuid: UUID, *rules: Any) -> bool:
        """Whether a rule names a group, or the everybody else of a collection."""
        return any(str(uuid) in str(rule) for rule in (*rules, *(group.rule for group in self.groups.values())))
