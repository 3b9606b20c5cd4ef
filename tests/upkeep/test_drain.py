"""The drain: what was noted is dealt with once it is committed, for all waiting users of a scope together."""

from datetime import timedelta
from itertools import takewhile

import pytest
from django.test import override_settings
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.criteria.registry import temporarily
from openedx_user_groups.exceptions import WrongService
from openedx_user_groups.models import Announcement, Change, GroupCollection, PastMembership, RefreshRun, UserGroup
from openedx_user_groups.outbox import store
from openedx_user_groups.refresh import settling, waiting
from openedx_user_groups.upkeep import drain
from tests.by_api import (
    VERIFIED,
    Raises,
    a_group,
    in_mode,
    leaf,
    many_learners,
    member_ids,
    refreshed,
    row_of,
    statements,
)
from tests.factories import (
    a_course,
    a_learner,
    a_user,
    enroll,
    scope_of_course,
    scope_of_instance,
    scope_of_organization,
)

pytestmark = pytest.mark.django_db

CHANGED = "org.openedx.learning.course.enrollment.changed.v1"
LOGIN = "org.openedx.learning.auth.session.login.completed.v1"
RECENT = {"all": [leaf("last_login", "within_days", days=3)]}


@pytest.fixture
def group(scope):
    return a_group(scope, VERIFIED)


def scope_id(group):
    return row_of(group).scope_id


def note(group, *users, source=CHANGED):
    # What was noted while the people were made is not meant.
    Change.objects.all().delete()
    store.note([user.pk for user in users], source, scopes=[scope_id(group)])


def sent_by_drain():
    """How many statements a drain sends, without those that begin and end transactions."""
    with statements() as sent:
        drain.drain()
    return len([sql for sql in sent if "SAVEPOINT" not in sql])


def log_in(user):
    user.last_login = timezone.now()
    user.save(update_fields=["last_login"])


def test_users_are_brought_into_line_and_the_rows_are_gone(course, group):
    ana, ben = a_learner(course, "verified"), a_learner(course, "audit")
    note(group, ana, ben)

    assert drain.drain() == 2

    assert member_ids(group) == {ana.pk}
    assert not Change.objects.exists()
    assert row_of(group).member_count == 1


def test_a_hint_is_a_hint_and_the_database_is_asked(course, group):
    ana = a_learner(course, "verified")
    refreshed(group)
    for mode in ("audit", "verified", "audit"):
        CourseEnrollment.objects.filter(user=ana).update(mode=mode)
        note(group, ana)

    drain.drain()

    assert member_ids(group) == set()


def test_only_groups_that_listen_are_asked(course, scope, group):
    with temporarily(test__raises=Raises):
        deaf = a_group(scope, {"all": [leaf("test.raises", "in"), RECENT["all"][0]]})
        ana = a_learner(course, "verified")
        note(group, ana, source="org.openedx.learning.certificate.changed.v1")

        drain.drain()

    assert not Change.objects.exists()
    assert api.get_group(deaf.uuid).health == "never"
    assert member_ids(group) == set()


def test_what_changes_the_population_concerns_every_group(course, scope):
    group = a_group(scope, RECENT)
    ana = a_learner(course)
    log_in(ana)
    refreshed(group)
    CourseEnrollment.objects.filter(user=ana).update(is_active=False)
    note(group, ana)

    drain.drain()

    assert member_ids(group) == set()


@pytest.mark.parametrize(
    ("method", "follows"), [("any", True), ("events", True), ("schedule", False), ("request", False)]
)
def test_groups_follow_events_where_their_method_says_so(course, group, method, follows):
    row = row_of(group)
    row.method = method
    row.save()
    ana = a_learner(course, "verified")
    note(group, ana)

    drain.drain()

    assert (ana.pk in member_ids(group)) is follows


@pytest.mark.parametrize(
    ("method", "follows"), [("any", True), ("events", True), ("schedule", False), ("request", False)]
)
def test_so_do_groups_that_are_built_on_another_one(course, scope, group, method, follows):
    built = row_of(a_group(scope, {"all": [leaf("group_member", "in", groups=[str(group.uuid)])]}))
    UserGroup.objects.filter(pk=built.pk).update(method=method)
    ana = a_learner(course, "verified")
    note(group, ana)

    drain.drain()

    assert ana.pk in member_ids(group)
    assert (ana.pk in member_ids(built)) is follows


def test_whoever_leaves_a_group_leaves_what_subdivides_it_whatever_its_method(course, scope, group):
    ana = a_learner(course, "verified")
    api.refresh(group.uuid)
    inside = api.create_collection(scope, name="Inside", parent_group=group.uuid)
    sub = row_of(a_group(scope, VERIFIED, collection=inside.uuid))
    api.refresh(sub.uuid)
    UserGroup.objects.filter(pk=sub.pk).update(method="request")
    assert member_ids(sub) == {ana.pk}
    CourseEnrollment.objects.filter(user=ana).update(mode="audit")
    note(group, ana)

    drain.drain()

    assert (member_ids(group), member_ids(sub)) == (set(), set())


def test_without_a_scope_it_is_about_all_that_the_user_has_to_do_with(course, scope):
    other, third = a_course("course-v1:Acme+A2+2026"), a_course("course-v1:Other+O1+2026")
    groups = [
        a_group(where, RECENT)
        for where in (
            scope,
            scope_of_course(other),
            scope_of_course(third),
            scope_of_organization(),
            scope_of_instance(),
        )
    ]
    ana = a_learner(course)
    enroll(ana, third, is_active=False)
    log_in(ana)
    store.note([ana.pk], LOGIN)

    drain.drain()

    assert [ana.pk in member_ids(group) for group in groups] == [True, False, False, True, True]
    assert not Change.objects.exists()


def test_a_member_who_has_left_is_found_all_the_same(course, scope):
    group = a_group(scope, RECENT)
    ana = a_learner(course)
    log_in(ana)
    refreshed(group)
    CourseEnrollment.objects.all().delete()
    store.note([ana.pk], LOGIN)

    drain.drain()

    assert member_ids(group) == set()


def test_where_the_feature_is_off_the_rows_go_and_nothing_else_happens(course, group):
    note(group, a_learner(course, "verified"))

    with override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=False):
        drain.drain()

    assert not Change.objects.exists()
    assert member_ids(group) == set()


@override_settings(SERVICE_VARIANT="cms")
def test_studio_drains_nothing(course, group):
    note(group, a_learner(course, "verified"))

    with pytest.raises(WrongService):
        drain.drain()

    assert Change.objects.count() == 1


def test_each_group_that_changes_has_a_run_and_an_announcement(course, scope, group):
    both = a_group(scope, in_mode("verified", "audit"))
    a_group(scope, in_mode("honor"))
    ana, ben = a_learner(course, "verified"), a_learner(course, "audit")
    note(group, ana, ben)

    drain.drain()

    runs = {run.group_id: run for run in RefreshRun.objects.all()}
    assert set(runs) == {row_of(group).pk, row_of(both).pk}
    assert (runs[row_of(both).pk].causes, runs[row_of(both).pk].joined) == ([CHANGED], 2)
    told = {row.group_id: row for row in Announcement.objects.filter(event_type__contains="membership")}
    assert sorted(told[row_of(both).pk].joined) == sorted([ana.pk, ben.pk])
    assert told[row_of(group).pk].run_id == runs[row_of(group).pk].pk


def test_who_leaves_is_remembered_with_the_run(course, group):
    ana = a_learner(course, "verified")
    refreshed(group)
    CourseEnrollment.objects.filter(user=ana).update(mode="audit")
    note(group, ana)

    drain.drain()

    past = PastMembership.objects.get()
    assert past.run.causes == [CHANGED]


def test_a_group_that_fails_is_broken_and_the_others_go_on(course, scope, group):
    with temporarily(test__raises=Raises):
        broken = a_group(scope, {"all": [leaf("test.raises", "in"), *VERIFIED["all"]]})
        ana = a_learner(course, "verified")
        note(group, ana)

        drain.drain()

    assert member_ids(group) == {ana.pk}
    assert api.get_group(broken.uuid).health == "broken"
    assert "divides by zero" in api.get_group(broken.uuid).health_reason
    assert not Change.objects.exists()


def test_a_worker_that_dies_leaves_its_rows_to_the_next_one(course, group, monkeypatch):
    ana = a_learner(course, "verified")
    note(group, ana)

    def die(*args, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(settling, "settle", die)
        with pytest.raises(KeyboardInterrupt):
            drain.drain()
    assert drain.drain() == 0
    assert Change.objects.count() == 1

    Change.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))

    assert drain.drain() == 1
    assert member_ids(group) == {ana.pk}


def test_one_scope_that_cannot_be_dealt_with_does_not_hold_up_another(course, group, monkeypatch):
    other = a_group(scope_of_instance(), RECENT)
    ana = a_learner(course, "verified")
    log_in(ana)
    note(group, ana)
    store.note([ana.pk], LOGIN, scopes=[scope_id(other)])
    settled = settling.settle

    def fail_in_course(collections, *args, **options):
        if row_of(group).collection_id in collections:
            raise ZeroDivisionError
        settled(collections, *args, **options)

    monkeypatch.setattr(settling, "settle", fail_in_course)

    assert drain.drain() == 1
    assert member_ids(other) == {ana.pk}
    assert Change.objects.count() == 1


def test_an_event_while_a_refresh_runs_is_not_lost(course, group):
    ana = a_learner(course, "verified")
    refreshed(group)
    CourseEnrollment.objects.filter(user=ana).update(mode="audit")

    def meanwhile(done, total):
        if done == 0:
            note(group, ana)
            drain.drain()

    refreshed(group, progress=meanwhile)

    assert member_ids(group) == set()


def test_a_change_of_members_reaches_what_is_built_on_them_in_the_same_drain(course, scope, group):
    middle = a_group(scope, {"all": [leaf("group_member", "in", groups=[str(group.uuid)])]})
    top = a_group(scope_of_instance(), {"all": [leaf("group_member", "in", groups=[str(middle.uuid)])]})
    ana = a_learner(course, "verified")
    note(group, ana)

    drain.drain()

    assert member_ids(middle) == {ana.pk}
    assert member_ids(top) == {ana.pk}
    CourseEnrollment.objects.filter(user=ana).update(mode="audit")
    note(group, ana)
    drain.drain()
    assert [member_ids(each) for each in (group, middle, top)] == [set(), set(), set()]


def test_a_full_refresh_and_hands_reach_them_too(course, scope):
    base = a_group(scope)
    above = a_group(scope, {"all": [leaf("group_member", "in", groups=[str(base.uuid)])]})
    ana = a_learner(course)

    api.add_members(base.uuid, [ana.pk])
    drain.drain()
    assert member_ids(above) == {ana.pk}

    api.remove_members(base.uuid, [ana.pk])
    drain.drain()
    assert member_ids(above) == set()


def test_a_diamond_gives_one_row(course, scope, group):
    left, right = (a_group(scope, {"all": [leaf("group_member", "in", groups=[str(group.uuid)])]}) for _ in range(2))
    rule = {"any": [leaf("group_member", "in", groups=[str(each.uuid)]) for each in (left, right)]}
    bottom = a_group(scope, rule)
    ana = a_learner(course, "verified")
    note(group, ana)

    drain.drain()

    assert list(api.memberships_of(bottom.uuid).values_list("user_id", flat=True)) == [ana.pk]


def test_whoever_leaves_a_group_leaves_its_sub_groups_however_they_came_in(course, scope, group):
    collection = api.create_collection(scope, name="Teams")
    GroupCollection.objects.filter(uuid=collection.uuid).update(parent_group=row_of(group))
    team = a_group(scope, name="Team", collection=collection.uuid)
    ana, ben = a_learner(course, "verified"), a_learner(course, "verified")
    refreshed(group)
    drain.drain()
    api.add_members(team.uuid, [ana.pk, ben.pk])
    CourseEnrollment.objects.filter(user=ana).update(mode="audit")
    note(group, ana)

    drain.drain()

    assert set(api.memberships_of(team.uuid).values_list("user_id", flat=True)) == {ben.pk}
    assert row_of(team).member_count == 1


def test_many_users_cost_little_more_statements_than_one(course, scope):
    for number in range(20):
        a_group(scope, {"all": [*VERIFIED["all"], leaf("last_login", "more_than_days_ago", days=number)]})
    group = api.groups_data(api.groups_in(scope))[0]
    sent = []
    for users in ([a_user()], [a_user()], [a_user() for _ in range(200)]):
        note(group, *users)
        sent.append(sent_by_drain())

    assert sent[2] == sent[1] <= 25


def test_one_user_costs_the_same_in_1_000_groups(course, scope):
    group = a_group(scope, VERIFIED)
    counts = []
    for number in (1, 5, 60):
        for place in range(number):
            a_group(scope, {"all": [*VERIFIED["all"], leaf("last_login", "more_than_days_ago", days=place % 20)]})
        ana = a_learner(course, "audit")
        note(group, ana)
        counts.append(sent_by_drain())

    assert counts[1] == counts[2] <= 25


def test_who_changes_groups_costs_the_same_however_many_these_are(course, scope):
    group = a_group(scope, VERIFIED)
    counts = []
    for number in (5, 25):
        for place in range(number):
            a_group(scope, {"any": [*VERIFIED["all"], leaf("last_login", "within_days", days=place)]})
        ana = a_learner(course, "verified")
        note(group, ana)
        with statements() as sent:
            drain.drain()
        # What is told to others afterwards is read from where it was announced.
        dealt = takewhile(lambda sql: "announcement" not in sql or not sql.startswith("SELECT"), sent)
        counts.append(len([sql for sql in dealt if "SAVEPOINT" not in sql]))
        assert RefreshRun.objects.filter(joined=1).count() >= number

    assert counts[0] == counts[1] <= 26


def test_more_rows_than_one_lot_takes_are_dealt_with_all_the_same(course, group, monkeypatch):
    monkeypatch.setattr(drain, "AT_A_TIME", 7)
    learners = many_learners(course, 20)
    store.note(learners, CHANGED, scopes=[scope_id(group)])

    assert drain.drain() == 20
    assert member_ids(group) == set(learners)


def test_a_user_or_a_group_that_is_gone_is_nothing_to_do(group):
    store.note([2**30], CHANGED, scopes=[scope_id(group), None])
    store.note([2**30], "openedx_user_groups.Membership", group_id=2**30)

    drain.drain()

    assert not Change.objects.exists()


class TestWhatCannotBeDealtWith:
    """It waits for its next turn and lets the rest go on; after an hour a refresh of everyone does it instead."""

    @pytest.fixture
    def fails(self, monkeypatch):
        def settle(*args, **options):
            raise ZeroDivisionError("settling has a fault")

        monkeypatch.setattr(settling, "settle", settle)

    def later(self, **time):
        """It was noted so long ago, and the claim of who tried it has run out."""
        ago = timezone.now() - timedelta(**time)
        Change.objects.update(created=ago, claimed_until=timezone.now() - timedelta(seconds=1))

    def test_it_is_tried_again_when_the_claim_has_run_out_and_not_at_once(self, course, group, fails, caplog):
        note(group, a_learner(course, "verified"))
        drain.drain()
        caplog.clear()

        drain.drain()
        assert caplog.records == []
        self.later(minutes=50)
        drain.drain()

        assert "changes of scope" in caplog.text
        assert Change.objects.count() == 1

    def test_nothing_is_lost_when_it_is_given_up(self, course, group, fails, caplog):
        refreshed(group)
        UserGroup.objects.update(next_due=timezone.now() + timedelta(days=1))
        ana = a_learner(course, "verified")
        note(group, ana)
        self.later(minutes=61)

        drain.drain()

        assert not Change.objects.exists()
        assert [record.levelname for record in caplog.records] == ["ERROR", "CRITICAL"]
        assert [each.uuid for each in api.groups_to_refresh(due_only=True)] == [group.uuid]
        refreshed(group)
        assert member_ids(group) == {ana.pk}

    def test_of_a_scope_that_is_gone_too(self, course, group, caplog):
        store.note([a_learner(course).pk], LOGIN, scopes=[999_999])
        drain.drain()
        assert Change.objects.count() == 1
        self.later(hours=2)

        drain.drain()

        assert not Change.objects.exists()

    def test_a_refresh_that_somebody_waits_for_and_that_fails_keeps_no_other_waiting(self, course, scope, group):
        other, ana = a_group(scope, VERIFIED), a_learner(course, "verified")
        for each in (group, other):
            waiting.wait(row_of(each).pk, ["request"])
        elsewhere = GroupCollection.objects.create(scope=row_of(group).scope)
        UserGroup.objects.filter(uuid=group.uuid).update(collection=elsewhere)

        drain.drain()

        assert member_ids(other) == {ana.pk}
        assert not waiting.all_runs().exists()
