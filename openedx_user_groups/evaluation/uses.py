"""Uses: what is built on a group or on everybody else of a collection, which is not taken away meanwhile."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from ..criteria.base import NOBODY, Asker
from ..data import UseData
from ..exceptions import GroupInUse
from ..models import GroupCollection, GroupCriterion, UserGroup
from .nesting import GONE, built_on, criteria_about_members, lock, told


def uses_of(group: UserGroup, asker: Asker = NOBODY) -> list[str]:
    """What is built on a group, in words."""
    return [use.text for use in told_uses(group, asker)]


def told_uses(group: UserGroup, asker: Asker = NOBODY) -> list[UseData]:
    """The same, with the groups that the asker may see."""
    found = UserGroup.objects.filter(pk__in=built_on([group.pk])).select_related("scope").order_by("name", "pk")
    # Also one whose groups are all put away: others can be made in it, and they can be taken up again.
    inside = UserGroup.objects.filter(collection__parent_group=group).exclude(status__in=GONE)
    named = GroupCollection.objects.filter(parent_group=group, is_implicit=False)
    empty = named.exclude(pk__in=inside.values("collection"))
    named_ones = [UseData(_("the collection “{name}”").format(name=row.name)) for row in empty.order_by("name")]
    return _told(found, asker) + named_ones


def _told(groups: Iterable[UserGroup], asker: Asker) -> list[UseData]:
    """What groups are called; those that the asker may not see are one, however many there are."""
    return list(dict.fromkeys(_use(row, asker) for row in groups))


def _use(group: UserGroup, asker: Asker) -> UseData:
    is_seen = asker is NOBODY or asker.sees(group.scope.data)
    return UseData(told(group, asker), group.uuid if is_seen else None)


def check_unused(group: UserGroup, asker: Asker = NOBODY) -> None:
    """Raises GroupInUse, with the list of uses, for a group on which others are built."""
    lock()
    if uses := uses_of(group, asker):
        message = _("Other groups are built on this one: {uses}. Change or delete them first.")
        raise GroupInUse(message.format(uses="; ".join(uses)), uses)


def built_on_rest(collection: GroupCollection) -> list[UserGroup]:
    """The groups with a rule about everybody else of a collection, with their scopes."""
    nodes = GroupCriterion.objects.filter(criterion__in=criteria_about_members()).exclude(group__status__in=GONE)
    uuid = str(collection.rest_uuid)
    found = [node.group_id for node in nodes if uuid in map(str.lower, map(str, node.config.get("groups", ())))]
    return list(UserGroup.objects.filter(pk__in=found).select_related("scope").order_by("name", "pk"))


def check_rest_unused(collection: GroupCollection, asker: Asker = NOBODY) -> None:
    """Raises GroupInUse, with the list of uses, where groups are built on everybody else of a collection."""
    lock()
    if uses := [use.text for use in _told(built_on_rest(collection), asker)]:
        message = _("Everybody else of it would be gone, and these groups are built on that: {uses}.")
        raise GroupInUse(message.format(uses="; ".join(uses)), uses)
