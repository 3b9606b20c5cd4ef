"""Lists that name groups: in one column, as those of cohorts, or in one for each collection, as those of teams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs
from django.utils.translation import gettext as _

from ..data import COURSE, ScopeData
from ..ids import IsAnyOf
from ..models import GroupCollection, UserGroup
from ..naming import name_key
from ..platform import people_file
from ..platform.lms import LMS, is_installed
from ..platform.people import resolve
from ..platform.people_file import HEADERS, Line, Table, UnreadableFile
from ..population.scopes import ENROLLMENT
from .deciding import GONE, Outcome
from .entries import Also, Entry

GROUP = ("group", "cohort")
MODE = "mode"
# What the file of teams has beside the people and the collections.
PASSED_OVER = (MODE, "external_user_id", "name")
# Collections in which groups are made for the names of a list: chance would draw people into them, and choices are
# what criteria say.
MADE_IN = (GroupCollection.Kind.RULES, GroupCollection.Kind.SELF)


@attrs.frozen
class Groups:
    """The groups of a scope: the id, the collection and the status of each, by the key of its name."""

    by_name: Mapping[str, tuple[int, int, str]]

    def entry(self, line: Line, name: str, collection: GroupCollection | None = None) -> Entry:
        """Somebody for a group; for one of a collection where a column says so, and without a name for none of it."""
        if line.fault:
            return Entry(line.number, line.person, None, name, outcome=Outcome.NOBODY.value, detail=line.fault)
        group_id, home, status = self.by_name.get(name_key(name), (None, None, "")) if name else (None, None, "")
        wanted = home if collection is None else collection.pk
        if group_id is not None and wanted == home and status not in GONE:
            return Entry(line.number, line.person, group_id, name, home)
        if collection is not None and not name:
            return Entry(line.number, line.person, None, "", collection.pk)
        if collection is not None and group_id is None and collection.kind in MADE_IN:
            return Entry(line.number, line.person, None, name, collection.pk)
        told = _("There is no group {name} here that takes people; make it first.") if name else _("It names no group.")
        if group_id is not None:
            told = _("The group {name} takes nobody: it is archived.") if wanted == home else _("{name} is elsewhere.")
        detail = told.format(name=name)
        return Entry(line.number, line.person, None, name, outcome=Also.NO_GROUP.value, detail=detail)


def entries(scope: ScopeData, content: bytes) -> list[Entry]:
    """The rows of a file with their groups; raises UnreadableFile.

    Each row names a group in the column ``group``; or there is a column for each collection, called like it: a group
    that is not there is made when the list is put into effect, and in an empty cell it is none of them.
    """
    table = people_file.table(content)
    groups = _groups_of(scope)
    places = [place for place, name in enumerate(table.columns) if name.lower() in GROUP]
    if not places:
        return list(_by_collection(scope, table, groups))
    people_file.check_once([GROUP[0]] * len(places), GROUP)
    return [
        groups.entry(people_file.person_of(table, line, cells), table.cell(cells, places[0]))
        for line, cells in table.rows
    ]


def _groups_of(scope: ScopeData) -> Groups:
    kept = UserGroup.objects.exclude(status=UserGroup.Status.DELETED)
    kept = kept.filter(scope__type=scope.type, scope__key=scope.key)
    rows = kept.values_list("name_key", "pk", "collection_id", "status")
    return Groups({key: (pk, collection_id, status) for key, pk, collection_id, status in rows if key})


def _by_collection(scope: ScopeData, table: Table, groups: Groups) -> Iterator[Entry]:
    collections = _columns(scope, table.columns)
    rows = [(people_file.person_of(table, line, cells), cells) for line, cells in table.rows]
    tracks = _tracks(scope, table, [line.person for line, _cells in rows if not line.fault])
    place = next((place for place, name in enumerate(table.columns) if name.lower() == MODE), None)
    for line, cells in rows:
        said, track = table.cell(cells, place), tracks.get(line.person, "")
        if said and track and said.lower() != track.lower():
            told = _("They are enrolled as {track}, and not as {said}.").format(track=track, said=said)
            yield Entry(line.number, line.person, None, outcome=Also.OTHER_TRACK.value, detail=told)
            continue
        for column, collection in collections.items():
            yield groups.entry(line, table.cell(cells, column), collection)
            if line.fault:
                break


def _tracks(scope: ScopeData, table: Table, people: Iterable[str | int]) -> Mapping[str | int, str]:
    """In which track people are enrolled, where the list says so as well; nobody is told of who is not enrolled."""
    is_said = any(name.lower() == MODE for name in table.columns)
    if not is_said or scope.type != COURSE or not is_installed(ENROLLMENT):
        return {}
    users = {person.named: person.user_id for person in resolve(people) if person.user_id is not None}
    enrolled = LMS(scope=scope).enrollments().filter(IsAnyOf("user_id", sorted(set(users.values()))))
    tracks = dict(enrolled.values_list("user_id", "mode"))
    return {named: tracks[user] for named, user in users.items() if user in tracks}


def _columns(scope: ScopeData, titles: Sequence[str]) -> Mapping[int, GroupCollection]:
    """The collection that each column is about."""
    named = GroupCollection.objects.filter(scope__type=scope.type, scope__key=scope.key, is_implicit=False)
    known = {name_key(collection.name): collection for collection in named}
    others = {place: title for place, title in enumerate(titles) if title.lower() not in (*HEADERS, *PASSED_OVER)}
    if not others:
        told = _("Line 1: it has to name the columns: username or email, and group, or the names of collections.")
        raise UnreadableFile(told)
    by_key = {name_key(title): title for title in reversed(others.values())}
    unknown = next((title for title in others.values() if name_key(title) not in known), None)
    if unknown is not None:
        told = _("Line 1: there is no collection {name!r} here, nor is it the column of the groups.")
        raise UnreadableFile(told.format(name=unknown[:100]))
    people_file.check_once([by_key[name_key(title)] for title in others.values()], by_key.values())
    return {place: known[name_key(title)] for place, title in others.items()}
