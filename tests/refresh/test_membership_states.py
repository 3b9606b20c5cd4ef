"""A collection of three groups under random acts is always what a simple model of it says."""

from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.evaluation.definition import groups_of
from openedx_user_groups.evaluation.difference import difference
from openedx_user_groups.models import Membership
from openedx_user_groups.refresh import membership, settling
from tests.by_api import a_group, edited, in_mode, row_of
from tests.examples import examples
from tests.factories import a_course, a_user, enroll, scope_of_course

MODES = ("audit", "honor", "verified")
USERS = range(5)
GROUPS = range(3)

user = st.sampled_from(USERS)
group = st.sampled_from(GROUPS)
modes = st.sets(st.sampled_from(MODES), min_size=1)
acts = st.one_of(
    st.tuples(st.just("enroll"), user, st.sampled_from(MODES)),
    st.tuples(st.just("unenroll"), user),
    st.tuples(st.just("edit"), group, modes),
    st.tuples(st.just("pause"), group),
    st.tuples(st.just("activate"), group),
    st.tuples(st.just("add"), user, group),
    st.tuples(st.just("remove"), user, group),
    st.tuples(st.just("exclude"), user, group),
    st.tuples(st.just("lift"), user, group),
    st.tuples(st.just("refresh")),
    st.tuples(st.just("refresh"), st.sets(user, min_size=1)),
)


class Model:
    """Who should be where, in plain Python."""

    def __init__(self):
        self.mode = dict.fromkeys(USERS)
        self.rules = [{"verified"}, {"verified", "honor"}, {"audit"}]
        self.active = [True, True, True]
        self.excluded = set()
        self.rows = {}

    def matches(self, user, group):
        return self.mode[user] in self.rules[group] and (user, group) not in self.excluded

    def enroll(self, user, mode):
        self.mode[user] = mode

    def unenroll(self, user):
        self.mode[user] = None

    def edit(self, group, modes):
        self.rules[group] = modes

    def pause(self, group):
        self.active[group] = False

    def activate(self, group):
        self.active[group] = True

    def add(self, user, group):
        if self.mode[user] is not None and (user, group) not in self.excluded:
            self.rows[user] = (group, "manual")

    def remove(self, user, group):
        held, origin = self.rows.get(user, (None, None))
        if held == group:
            del self.rows[user]
            if origin == "rule" or self.matches(user, group):
                self.excluded.add((user, group))

    def exclude(self, user, group):
        self.excluded.add((user, group))
        if self.rows.get(user, (None, None))[0] == group:
            del self.rows[user]

    def lift(self, user, group):
        self.excluded.discard((user, group))

    def refresh(self, users=USERS):
        for user in users:
            held, origin = self.rows.get(user, (None, None))
            if held is not None and (origin != "rule" or not self.active[held]):
                continue
            wanted = [group for group in GROUPS if self.active[group] and self.matches(user, group)]
            self.rows.pop(user, None)
            if wanted:
                self.rows[user] = (wanted[0], "rule")

    def counts(self):
        """How many are in each group; who was put in by hand and is not enrolled is dormant."""
        awake = [held for user, (held, origin) in self.rows.items() if origin == "rule" or self.mode[user] is not None]
        return [awake.count(group) for group in GROUPS]


def stored_places():
    """Who is where: ids of users and groups."""
    return set(Membership.objects.values_list("user_id", "group_id"))


def places(users_by_group):
    """The same of users by group."""
    return {(user, group) for group, users in users_by_group.items() for user in users}


class Engine:
    """The same acts on the real thing."""

    def __init__(self):
        self.course = a_course()
        scope = scope_of_course(self.course)
        collection = api.create_collection(scope, name="Exclusive").uuid
        self.users = [a_user().pk for _ in USERS]
        self.groups = [a_group(scope, in_mode(*modes), collection=collection) for modes in Model().rules]
        self.collection = row_of(self.groups[0]).collection_id

    def enroll(self, user, mode):
        rows = CourseEnrollment.objects.filter(user=self.users[user])
        if not rows.update(mode=mode, is_active=True):
            enroll(User.objects.get(pk=self.users[user]), self.course, mode)

    def unenroll(self, user):
        CourseEnrollment.objects.filter(user=self.users[user]).update(is_active=False)

    def edit(self, group, modes):
        paused = api.get_group(self.groups[group].uuid).status == "paused"
        edited(self.groups[group], rule=in_mode(*sorted(modes)))
        if paused:
            api.pause_group(self.groups[group].uuid)

    def pause(self, group):
        api.pause_group(self.groups[group].uuid)

    def activate(self, group):
        api.activate_group(self.groups[group].uuid)

    def add(self, user, group):
        api.add_members(self.groups[group].uuid, [self.users[user]])

    def remove(self, user, group):
        api.remove_members(self.groups[group].uuid, [self.users[user]])

    def exclude(self, user, group):
        api.exclude(self.groups[group].uuid, [self.users[user]])

    def lift(self, user, group):
        api.lift_exclusions(self.groups[group].uuid, [self.users[user]])

    def refresh(self, users=None):
        if users is not None:
            settling.settle([self.collection], [self.users[user] for user in users])
            return
        told, before = difference(groups_of([self.collection]), timezone.now()), stored_places()
        membership.refresh(self.collection)
        assert places(told.joiners) == stored_places() - before
        assert places(told.leavers) == before - stored_places()

    def rows(self):
        places = {row_of(group).pk: place for place, group in enumerate(self.groups)}
        people = {pk: user for user, pk in enumerate(self.users)}
        rows = Membership.objects.values_list("user_id", "group_id", "origin")
        return {people[pk]: (places[group_id], origin) for pk, group_id, origin in rows}


class AnySequenceOfActs(TestCase):
    """TestCase of hypothesis: every example begins with an empty database."""

    @given(st.lists(acts, min_size=4, max_size=14))
    @settings(max_examples=examples(60))
    def test_leaves_the_members_that_the_model_has(self, sequence):
        model, engine = Model(), Engine()
        for name, *arguments in [*sequence, ("refresh",)]:
            getattr(model, name)(*arguments)
            getattr(engine, name)(*arguments)
            assert engine.rows() == model.rows, (name, arguments)
        counted = [api.get_group(group.uuid).member_count for group in engine.groups]
        assert counted == model.counts()
        assert [api.members(group.uuid).count() for group in engine.groups] == counted
