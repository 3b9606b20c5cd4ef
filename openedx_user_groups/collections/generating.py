"""Generating: a collection has a group for each choice of a criterion, and keeps up with new choices."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Any, TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _

from ..criteria.base import NOBODY, Asker
from ..data import ScopeData
from ..exceptions import DuplicateName, InvalidGroup, InvalidRule
from ..groups import lifecycle, rule_reader
from ..groups.content import MAX_NAME, Content
from ..groups.revising import newest
from ..models import GroupCollection, UserGroup
from ..refresh import lease
from ..retrying import in_transaction
from ..rules.tree import Branch
from ..text import fold
from . import arranging, choices, moving

Kind = GroupCollection.Kind
Status = UserGroup.Status
Via = UserGroup.CreatedVia
ResultT = TypeVar("ResultT")

# The cause of refreshes for choices that are new.
CHOICES = "choices"
# The tracks are the platform's own division of a course; the others are somebody's idea.
PREDEFINED = "enrollment_mode"


def predefined(scope: ScopeData, acting_user_id: int | None, asker: Asker = NOBODY) -> GroupCollection:
    """The enrollment tracks of a scope as a collection, which is made when there is none yet; raises DuplicateName."""
    try:
        return _tracks(scope) or create(scope, _("Enrollment tracks"), "", PREDEFINED, None, acting_user_id, asker)
    except DuplicateName:
        # Another worker has been quicker; or somebody calls something else so.
        if (found := _tracks(scope)) is None:
            raise
        return found


def _tracks(scope: ScopeData) -> GroupCollection | None:
    found = GroupCollection.objects.filter(scope__type=scope.type, scope__key=scope.key, kind=Kind.GENERATED)
    rows = found.select_related("scope").order_by("pk")
    return next((row for row in rows if (row.generator or {}).get("criterion") == PREDEFINED), None)


def create(
    scope: ScopeData,
    name: object,
    rest_name: object,
    criterion: str,
    ranges: Sequence[Sequence[float]] | None,
    acting_user_id: int | None,
    asker: Asker = NOBODY,
) -> GroupCollection:
    """A collection with an active group for each choice, or for each of the ``ranges`` of a number.

    Raises InvalidGroup, DuplicateName and CriterionError.
    """
    generator = {"criterion": criterion} | ({"ranges": choices.checked(ranges)} if ranges is not None else {})
    kind = choices.kind_for(scope, criterion, asker)
    asked = timezone.now()
    # Before anything is stored: a criterion that fails leaves nothing behind.
    offered = choices.offered(kind, generator, scope)
    try:
        for choice in offered:
            rule_reader.parse(choices.rule_of(kind, generator, choice), scope, asker)
    except InvalidRule as error:
        raise InvalidGroup("ranges" if ranges else "criterion", error.problems[0].message) from None
    collection = arranging.create(scope, name, rest_name, kind=Kind.GENERATED, generator=generator)
    GroupCollection.objects.filter(pk=collection.pk).update(last_kept=asked)
    _keep_up(collection, offered, acting_user_id)
    return collection


def keep(collection_id: int, acting_user_id: int | None = None) -> int:
    """Make groups for choices that are new in a generated collection; how many.

    A group follows the title of its choice, unless somebody has called it otherwise. That of a choice that is gone is
    paused when nobody is left in it, and active again when the choice is back. Raises CriterionError and InvalidGroup.
    """
    collection = GroupCollection.objects.select_related("scope").get(pk=collection_id)
    if collection.kind != Kind.GENERATED or collection.generator is None:
        return 0
    # Before: what is chosen while it is looked through is looked for once more.
    GroupCollection.objects.filter(pk=collection_id).update(last_kept=timezone.now())
    kind = choices.kind_of(collection.generator)
    return _keep_up(collection, choices.offered(kind, collection.generator, collection.scope.data), acting_user_id)


def _keep_up(collection: GroupCollection, offered: Mapping[str, str], acting_user_id: int | None) -> int:
    collection_id, generator = collection.pk, collection.generator or {}
    kind = choices.kind_of(generator)
    # Choices are the same in any case, as rules compare them; the deleted groups count: somebody did not want them.
    known = {fold(choice) for choice in _groups(collection_id).values_list("choice", flat=True)}
    made = 0
    for choice in [choice for choice in offered if fold(choice) not in known]:
        rule = rule_reader.parse(choices.rule_of(kind, generator, choice), collection.scope.data)
        made += in_transaction(partial(_add, collection_id, choice, offered[choice] or choice, rule, acting_user_id))
    resumed = in_transaction(partial(_follow, collection_id, offered, acting_user_id))
    if made or resumed:
        in_transaction(partial(moving.ask_again, [collection_id], CHOICES, acting_user_id))
    return made


def _groups(collection_id: int) -> Any:
    return UserGroup.objects.filter(collection=collection_id).exclude(choice="")


def _add(collection_id: int, choice: str, title: str, rule: Branch, acting_user_id: int | None) -> bool:
    """Make the group of a choice, unless another worker has made it or the collection has been dissolved."""
    (collection,) = lease.lock([collection_id])
    known = {fold(each) for each in _groups(collection_id).values_list("choice", flat=True)}
    if collection.kind != Kind.GENERATED or fold(choice) in known:
        return False
    generator = dict(collection.generator or {})
    via = Via.PLATFORM if generator["criterion"] == PREDEFINED else Via.RULE

    def create_named(name: str) -> UserGroup:
        content = Content(name=name, description="", tags=(), rule=rule)
        scope = collection.scope.data
        return lifecycle.create(scope, content, collection=collection, via=via, acting_user_id=acting_user_id)

    group = _with_free_name(collection, title, create_named)
    UserGroup.objects.filter(pk=group.pk).update(choice=choice)
    lifecycle.change_status(group.pk, Status.ACTIVE, acting_user_id)
    generator["names"] = generator.get("names", {}) | {fold(choice): [title, group.name]}
    GroupCollection.objects.filter(pk=collection_id).update(generator=generator)
    return True


def _with_free_name(collection: GroupCollection, title: str, act: Callable[[str], ResultT]) -> ResultT:
    for name in _names(collection, title):
        try:
            return act(name)
        except DuplicateName:
            continue
    raise AssertionError("unreachable")


def _names(collection: GroupCollection, title: str) -> Iterator[str]:
    """What a group may be called: as its choice, or where that is taken with the name of the collection before it."""
    printed = "".join(" " if unicodedata.category(each) == "Cc" else each for each in title)
    title = " ".join(printed.split())
    yield title[:MAX_NAME].strip() or collection.name
    longer = f"{collection.name}: {title}"[: MAX_NAME - 10].strip()
    yield longer
    for number in count(2):
        yield f"{longer} ({number})"


def _follow(collection_id: int, offered: Mapping[str, str], acting_user_id: int | None) -> bool:
    """Rename, pause and resume groups, as their choices are now; whether any was resumed."""
    (collection,) = lease.lock([collection_id])
    if collection.kind != Kind.GENERATED:
        return False
    generator = dict(collection.generator or {})
    titles = {fold(choice): title or choice for choice, title in offered.items()}
    ended = (Status.ARCHIVED, Status.DELETED)
    groups = {fold(group.choice): group for group in _groups(collection_id).exclude(status__in=ended)}
    names = dict(generator.get("names", {}))
    for key in groups.keys() & titles.keys():
        title, name = names.get(key, (titles[key], ""))
        # A choice that is its own title has lost the one that it had.
        if titles[key] != title and fold(titles[key]) != key and groups[key].name == name:
            renamed = _with_free_name(collection, titles[key], partial(_rename, groups[key], acting_user_id))
            names[key] = [titles[key], renamed.name]
    gone, resumed = _pause_and_resume(groups, set(titles), set(generator.get("gone", ())), acting_user_id)
    generator |= {"names": names, "gone": sorted(gone)}
    GroupCollection.objects.filter(pk=collection_id).update(generator=generator)
    return resumed


def _rename(group: UserGroup, acting_user_id: int | None, name: str) -> UserGroup:
    return lifecycle.edit(group.pk, newest(group), {"name": name}, acting_user_id)


def _pause_and_resume(
    groups: Mapping[str, UserGroup], offered: set[str], gone: set[str], acting_user_id: int | None
) -> tuple[set[str], bool]:
    """The choices whose groups are paused because they are gone, and whether a group was resumed."""
    resumed = False
    for key, group in groups.items():
        # Whoever lets the group of a choice that is gone be active knows why.
        if key not in offered and key not in gone and group.status == Status.ACTIVE and not group.member_count:
            reason = _("Nothing is left of the choice that it was made for.")
            lifecycle.change_status(group.pk, Status.PAUSED, acting_user_id, reason=reason)
            gone = gone | {key}
        elif key in offered and key in gone and group.status == Status.PAUSED:
            lifecycle.change_status(group.pk, Status.ACTIVE, acting_user_id)
            resumed = True
    return gone - offered, resumed
