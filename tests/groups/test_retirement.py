"""Retirement: a person is erased from every table of the package, and others learn only that they have left."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone

from openedx_user_groups import api
from openedx_user_groups.groups import retirement
from openedx_user_groups.models import (
    Announcement,
    Change,
    Exclusion,
    HeldUser,
    Membership,
    PastMembership,
    RefreshRun,
    StagedUser,
    UserGroup,
)
from openedx_user_groups.outbox import announcing, store
from openedx_user_groups.outbox.announcements import MEMBERSHIP_CHANGED
from openedx_user_groups.platform.people_file import Line
from openedx_user_groups.population.staging import Staging
from openedx_user_groups.upkeep import drain
from tests.by_api import VERIFIED, a_group, in_mode, leaf, many_learners, member_ids, refreshed, row_of
from tests.factories import a_course, a_learner, a_user, enroll, retire, scope_of_instance
from tests.happenings import enrolls, noted

pytestmark = pytest.mark.django_db

MODELS = list(apps.get_app_config("openedx_user_groups").get_models())
USER = get_user_model()
# Lists of user ids that are no columns of their own, by model and column.
LISTS = [(Announcement, "joined"), (Announcement, "left")]


def columns_about_users() -> Iterator[tuple[type[models.Model], str]]:
    """Every column of the package that holds the id of a user, by itself or in a list."""
    for model in MODELS:
        for field in model._meta.fields:
            refers = isinstance(field, models.ForeignKey) and issubclass(field.related_model, USER)
            if refers or (isinstance(field, models.IntegerField) and "user" in field.name):
                yield model, field.name
    yield from LISTS


def names(model: type[models.Model], column: str, user_id: int) -> bool:
    """Whether a row of the model names the user there."""
    values = model._default_manager.values_list(column, flat=True)
    return any(user_id in value if isinstance(value, list) else user_id == value for value in values)


ABOUT_USERS = list(columns_about_users())


@pytest.fixture
def ana(course, scope):
    """A learner named in every column: member, past member, kept out, held, waiting, staged, and author of all."""
    ana, ben = a_learner(course, "verified"), a_learner(course, "verified")
    by_rule, by_hand = a_group(scope, VERIFIED, acting_user=ana), a_group(scope, acting_user=ana)
    refreshed(by_rule)
    left, _built_on_it = a_group(scope), a_group(scope, of(by_rule))
    for group in (by_hand, left):
        api.add_members(group.uuid, [ana.pk, ben.pk], acting_user=ana)
    api.remove_members(left.uuid, [ana.pk, ben.pk], acting_user=ana)
    api.exclude(left.uuid, [ana.pk, ben.pk], reason="They asked for it", acting_user=ana)
    api.request_refresh(by_rule.uuid, acting_user=ana)
    api.activate_group(by_rule.uuid, agreed_leaving={by_rule.uuid: 1}, acting_user=ana)
    in_held_runs(scope, course, ana)
    store.note([ana.pk, ben.pk], "auth.User", scopes=[None, row_of(left).scope_id])
    told(by_hand, joined=[ana.pk, ben.pk], left=[])
    told(by_hand, joined=[ana.pk], left=[])
    told(by_hand, joined=[ben.pk], left=[ana.pk])
    told(by_hand, joined=[int(f"{ana.pk}1"), ana.pk * 100], left=[])
    Staging().put([ana.pk, ben.pk])
    people = [Line(1, ana.pk), Line(2, ben.pk), Line(3, ana.username), Line(4, "new@example.com")]
    api.begin_import(by_hand.uuid, people, acting_user=ana)
    return ana


def of(group):
    return {"all": [leaf("group_member", "in", groups=[str(group.uuid)])]}


def in_held_runs(scope, course, ana):
    """They have decided one held refresh, and would leave by another one."""
    group, learners = a_group(scope, in_mode("honor")), [*many_learners(course, 30, "honor"), ana.pk]
    enrollments = ana.courseenrollment_set.model.objects.filter(user__in=learners)
    enrollments.update(mode="honor")
    refreshed(group)
    enrollments.update(mode="audit")
    first = refreshed(group)
    enrollments.update(mode="honor")
    api.discard_refresh(first.uuid, acting_user=ana)
    api.activate_group(group.uuid)
    enrollments.update(mode="audit")
    assert refreshed(group).outcome == "held"
    ana.courseenrollment_set.update(mode="verified")


def told(group, joined, left):
    Announcement.objects.create(
        created=timezone.now(), event_type=MEMBERSHIP_CHANGED, group=row_of(group), joined=joined, left=left
    )


def test_no_column_of_any_table_names_them_any_more(ana):
    assert [each for each in ABOUT_USERS if not names(*each, ana.pk)] == [], (
        "the test looks at a person who is everywhere"
    )

    api.retire_user(ana.pk)

    # Whoever was told that they joined has to be told that they left: by the id alone, and until it is sent.
    assert [each for each in ABOUT_USERS if names(*each, ana.pk)] == [(Announcement, "left")]


def test_no_column_was_forgotten():
    lists = {
        (model, field.name)
        for model in MODELS
        for field in model._meta.fields
        if isinstance(field, models.JSONField) and field.default is list
    }

    # Why a refresh was made, and of what an announcement tells: words, and no people.
    assert lists == {*LISTS, (RefreshRun, "causes"), (Announcement, "causes")}
    assert {model for model, _column in ABOUT_USERS} >= {Membership, PastMembership, HeldUser, Change, StagedUser}


def test_others_keep_theirs(ana):
    others = {
        model: set(model.objects.exclude(user=ana).values_list("pk", flat=True))
        for model in (Membership, PastMembership, Exclusion, HeldUser, Change, StagedUser)
    }

    api.retire_user(ana.pk)

    for model, kept in others.items():
        assert kept
        assert set(model.objects.values_list("pk", flat=True)) == kept


def test_that_they_have_left_is_told_and_that_they_had_joined_is_not(ana, scope):
    groups = set(Membership.objects.filter(user=ana).values_list("group_id", flat=True))
    waiting = {row.pk: (row.joined, row.left) for row in Announcement.objects.exclude(joined=[], left=[])}

    api.retire_user(ana.pk)

    told_now = Announcement.objects.filter(event_type=MEMBERSHIP_CHANGED).exclude(pk__in=waiting)
    assert set(told_now.values_list("group_id", flat=True)) == groups
    assert all((row.joined, row.left, row.causes) == ([], [ana.pk], ["retirement"]) for row in told_now)
    for pk, (joined, left) in waiting.items():
        others = [user for user in joined if user != ana.pk]
        kept = Announcement.objects.filter(pk=pk).first()
        assert (others, left) == ((kept.joined, kept.left) if kept else ([], []))


def test_when_that_was_sent_nothing_is_left(ana):
    retire(ana)
    api.retire_user(ana.pk)

    drain.drain()
    announcing.send()

    assert [each for each in ABOUT_USERS if names(*each, ana.pk)] == []


def test_the_counts_of_groups_are_right_afterwards(ana, scope):
    api.retire_user(ana.pk)

    for group in api.groups_data(api.groups_in(scope)):
        assert group.member_count == len(member_ids(group))


def test_a_second_time_and_for_a_stranger_there_is_nothing_to_do(ana):
    api.retire_user(ana.pk)
    announced = Announcement.objects.count()

    api.retire_user(ana.pk)
    api.retire_user(2**31 - 1)

    assert Announcement.objects.count() == announced


def test_all_of_it_is_done_or_nothing(ana, monkeypatch):
    before = [each for each in ABOUT_USERS if names(*each, ana.pk)]
    monkeypatch.setattr(retirement, "SIGNED", ((UserGroup, "no_such_column"),))

    with pytest.raises(Exception, match="no_such_column"):
        api.retire_user(ana.pk)

    assert [each for each in ABOUT_USERS if names(*each, ana.pk)] == before


def test_where_the_feature_is_off_they_are_erased_all_the_same(ana, settings):
    settings.OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT = False

    api.retire_user(ana.pk)

    assert not Membership.objects.filter(user=ana).exists()


def test_a_rule_that_wants_nobody_of_a_group_does_not_bring_them_back(course, scope):
    ana = a_learner(course, "verified")
    below = a_group(scope, VERIFIED)
    refreshed(below)
    everybody_else = a_group(scope, {"none": [of(below)["all"][0]]})
    retire(ana)

    api.retire_user(ana.pk)
    drain.drain()
    refreshed(everybody_else)
    announcing.send()

    assert [each for each in ABOUT_USERS if names(*each, ana.pk)] == []


@pytest.mark.parametrize("again", ["event", "refresh", "by hand", "undo", "approval"])
def test_afterwards_nothing_writes_about_them_again(course, scope, again):
    learners = many_learners(course, 30)
    ana = USER.objects.get(pk=learners[0])
    group = a_group(scope, VERIFIED)
    refreshed(group)
    held = None
    if again in ("undo", "approval"):
        ana.courseenrollment_set.model.objects.filter(user__in=learners[: 10 if again == "undo" else 20]).update(
            mode="audit"
        )
        held = refreshed(group)
    retire(ana)
    api.retire_user(ana.pk)
    drain.drain()
    announcing.send()

    if again == "event":
        enrolls(ana, course, "verified")
        drain.drain()
    elif again == "by hand":
        (outcome,) = api.add_members(group.uuid, [ana.pk])
        assert outcome.outcome == "not_in_population"
    elif again == "undo":
        api.undo_refresh(group.uuid)
    elif again == "approval":
        api.approve_refresh(held.uuid)
    else:
        refreshed(group)

    assert ana.pk not in member_ids(group)
    assert noted() == []
    assert [model.__name__ for model, column in ABOUT_USERS if names(model, column, ana.pk)] == []


def test_a_retired_author_is_no_longer_named_once_the_account_is_gone():
    ana = a_learner(a_course())
    group = a_group(scope_of_instance(), acting_user=ana)

    ana.delete()

    assert api.get_group(group.uuid).created_by_id is None


def test_someone_who_is_in_many_groups_costs_a_bounded_number_of_statements(
    course, scope, django_assert_max_num_queries
):
    ana = a_user()
    enroll(ana, course)
    for _ in range(30):
        api.add_members(a_group(scope).uuid, [ana.pk])
    announcing.send()

    with django_assert_max_num_queries(32):
        api.retire_user(ana.pk)
