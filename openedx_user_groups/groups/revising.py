"""Revising: what is in force for a group is replaced, or waits as a draft; each time as a numbered revision."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from ..criteria.base import NOBODY, Asker
from ..evaluation import nesting
from ..evaluation.definition import rows_of, rules_of
from ..events import listening
from ..exceptions import DuplicateName, InvalidGroup
from ..models import GroupCollection, GroupCriterion, GroupTag, Membership, Origin, Revision, UserGroup
from ..naming import name_key
from ..outbox.announcements import GROUP_CREATED, GROUP_UPDATED, announce_group
from ..platform.titles import title
from ..refresh import options, schedule
from ..refresh.options import options_of
from ..rules.tree import Branch, Leaf, from_json
from .content import Content

Status = UserGroup.Status
State = Revision.State
# Collections in which chance or the learners themselves decide.
WITHOUT_RULES = (GroupCollection.Kind.RANDOM, GroupCollection.Kind.SELF)

COLUMNS = ["name", "name_key", "description", "revision", "modified", "modified_by", "next_due", *options.NAMES]


def content_of(group: UserGroup) -> Content:
    """What is in force for a group; of one that was never active, what it is going to be."""
    tags = tuple(group.tags.order_by("pk").values_list("tag", flat=True)) if group.pk else ()
    return Content(group.name, group.description, tags, rules_of([group]).get(group.pk), options_of(group))


def draft_rules(groups: list[UserGroup]) -> dict[int, Branch | None]:
    """The rule that waits to be activated, of those of the groups that have a draft; one query."""
    waiting = {group.pk: group.draft_revision for group in groups if group.draft_revision is not None}
    if not waiting:
        return {}
    rows = Revision.objects.filter(group__in=waiting, number__in=set(waiting.values()))
    return {row.group_id: _rule_of(row) for row in rows if waiting[row.group_id] == row.number}


def _rule_of(revision: Revision) -> Branch | None:
    stored = revision.definition["rule"]
    rule = from_json(stored) if stored else None
    assert not isinstance(rule, Leaf)
    return rule


def newest(group: UserGroup) -> int:
    """The revision that an edit starts from: the draft, or what is in force."""
    return group.draft_revision or group.revision


def put_in_force(group: UserGroup, content: Content, acting_user_id: int | None, asker: Asker = NOBODY) -> None:
    """Write the content as a new revision; the whole tree of the rule is replaced."""
    _check_kind(group, content.rule)
    is_new = group._state.adding
    found_before = set() if is_new else nesting.found_by_field(group)
    group.name, group.name_key = content.name, name_key(content.name)
    group.description = content.description
    group.revision = _next_number(group)
    group.modified, group.modified_by_id = timezone.now(), acting_user_id
    options.put(group, content.options)
    group.next_due = schedule.first_due(group, content.rule)
    _save(group, None if is_new else COLUMNS)
    GroupTag.objects.filter(group=group).delete()
    GroupTag.objects.bulk_create(GroupTag(group=group, tag=tag, tag_key=name_key(tag)) for tag in content.tags)
    write_rule(group, content.rule, asker)
    _keep(group, group.revision, content, State.DRAFT if group.status == Status.DRAFT else State.IN_FORCE)
    schedule.look_again(found_before | nesting.found_by_field(group))
    announce_group(GROUP_CREATED if is_new else GROUP_UPDATED, group.pk)


def _check_kind(group: UserGroup, rule: Branch | None) -> None:
    if rule is not None and group.collection.kind in WITHOUT_RULES:
        raise InvalidGroup("rule", _("Who is in the groups of this collection is not decided by rules."))


def _save(group: UserGroup, columns: list[str] | None) -> None:
    # Of a stored group nothing else: a refresh that fails right now says so without waiting for the lock.
    try:
        with transaction.atomic():
            group.save(update_fields=columns)
    except IntegrityError:
        told = _("{scope} already has a group called “{name}”. Choose another name.")
        raise DuplicateName("name", told.format(scope=title(group.scope.data), name=group.name)) from None


def write_rule(group: UserGroup, rule: Branch | None, asker: Asker = NOBODY) -> None:
    """Let refreshes go by a rule from now on. Raises InvalidGroup where the group would be built on itself."""
    GroupCriterion.objects.filter(group=group).delete()
    GroupCriterion.objects.bulk_create(rows_of(rule, group) if rule else [])
    nesting.refuse_cycle(group, rule, asker)
    if rule is None:
        # Nothing but hands will take them out again, so they count as put in by hand.
        Membership.objects.filter(group=group, origin=Origin.RULE).update(origin=Origin.MANUAL)
    listening.changed()


def keep_as_draft(group: UserGroup, content: Content, acting_user_id: int | None, asker: Asker = NOBODY) -> None:
    """Let the content wait as a draft, in the place of one that waits already; nothing of it is in force."""
    _check_kind(group, content.rule)
    nesting.refuse_cycle(group, content.rule, asker)
    group.draft_revision, group.would_hold = _next_number(group), None
    group.modified, group.modified_by_id = timezone.now(), acting_user_id
    group.save(update_fields=["draft_revision", "would_hold", "modified", "modified_by"])
    _keep(group, group.draft_revision, content, State.DRAFT)


def drop_draft(group: UserGroup) -> None:
    """Forget the draft; its revision stays, and never came into force."""
    if group.draft_revision is not None:
        group.draft_revision = group.would_hold = None
        group.save(update_fields=["draft_revision", "would_hold"])


def apply_draft(group: UserGroup, acting_user_id: int | None, asker: Asker = NOBODY) -> None:
    """Put the rule of the draft in force, under its own number."""
    number, rule = newest(group), draft_rules([group])[group.pk]
    # It may have been moved to another collection since.
    _check_kind(group, rule)
    write_rule(group, rule, asker)
    Revision.objects.filter(group=group, number=number).update(state=State.IN_FORCE)
    group.revision, group.draft_revision, group.would_hold = number, None, None
    group.modified, group.modified_by_id = timezone.now(), acting_user_id
    group.next_due = schedule.first_due(group, rule)
    if group.health == UserGroup.Health.BROKEN:
        # Why is about the rule that is gone, of which whoever sees this one need not have seen all.
        group.health_reason = _("It failed by another rule than it has now; the next refresh says more.")
    columns = ["revision", "draft_revision", "would_hold", "modified", "modified_by", "next_due", "health_reason"]
    group.save(update_fields=columns)
    announce_group(GROUP_UPDATED, group.pk)


def _next_number(group: UserGroup) -> int:
    if group._state.adding:
        return 1
    highest = Revision.objects.filter(group=group).aggregate(n=Max("number"))["n"]
    return max(group.revision, highest or 0) + 1


def _keep(group: UserGroup, number: int, content: Content, state: str) -> None:
    Revision.objects.create(
        group=group,
        number=number,
        state=state,
        definition=content.snapshot(),
        author_id=group.modified_by_id,
        created=group.modified,
    )
