"""Whatever people, learners and workers do in whatever order, in the end exactly those are in a group who should be.

Random acts are played through the Python API, the platform's events and the schedule, and beside that in a simple
model. A group never has a member whom it must not have, and once what waits is drained and what is due was swept,
the members are those of the model.
"""

from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from common.djangoapps.student.models import CourseEnrollment, UserStanding
from lms.djangoapps.grades.models import PersistentCourseGrade
from openedx_user_groups import api
from openedx_user_groups.criteria.registry import temporarily
from openedx_user_groups.evaluation.definition import groups_of
from openedx_user_groups.evaluation.difference import difference
from openedx_user_groups.exceptions import GroupInUse, InvalidGroup, WrongStatus
from openedx_user_groups.models import Exclusion, GroupCollection, Membership, RefreshRun, UserGroup
from openedx_user_groups.refresh import guard
from openedx_user_groups.upkeep import drain
from tests.by_api import Answer, aged, edited, in_mode, leaf, outcomes
from tests.examples import examples
from tests.expected import MANUAL, RULE, Collection, Expected, Group
from tests.factories import NOW, a_course, a_user, disable
from tests.happenings import enrolls, is_graded, logs_in, unenrolls
from tests.plain import COURSES, Person
from tests.plain_people import ACME, FIRST, SECOND
from tests.world import rolled_back

PEOPLE = 5
GROUPS = 7
SCOPES = (FIRST, FIRST, ACME)
KEYS = (FIRST.key, SECOND.key)
LEAVES = (
    in_mode("verified")["all"][0],
    in_mode("audit", "verified")["all"][0],
    leaf("last_login", "within_days", days=3),
    leaf("last_login", "is_false"),
)
GRADED = leaf("course_grade", ">=", percent=50)
RETRYING = timedelta(days=2)

number = st.integers(0, 11)
yes = st.booleans()


class Fails(Answer):
    """A criterion of a plugin that is out of order at times."""

    title = "Fails"
    is_out_of_order = False

    def predicate(self) -> Any:
        if Fails.is_out_of_order:
            raise ZeroDivisionError("the plugin divides by zero")
        return super().predicate()


def _places(group: UserGroup) -> set[tuple[int, int]]:
    """Who is where in the collection of a group: ids of users and groups."""
    return set(Membership.objects.filter(collection=group.collection_id).values_list("user_id", "group_id"))


class Life(RuleBasedStateMachine):
    """Five people, two courses of an organization, up to seven groups; one example is one transaction."""

    def __init__(self) -> None:
        super().__init__()
        self.around = ExitStack()
        self.around.enter_context(rolled_back())
        self.around.enter_context(temporarily(test__fails=Fails))
        Fails.is_out_of_order = False
        cache.clear()
        self.courses = {key: a_course(key) for key in COURSES}
        self.users = [a_user() for _ in range(PEOPLE)]
        self.model = Expected({user.pk: Person(pk=user.pk) for user in self.users})
        # What lasts an hour: collections with whom was put in there, groups with whom they keep out.
        self.for_an_hour: set[tuple[UUID, int]] = set()
        # Of groups that only add or only remove: who was wanted by the one, and who was in the other.
        self.ever: dict[UUID, set[int]] = {}
        self.is_silent = False
        self.made = 0
        self.done = self.every = 0

    def teardown(self) -> None:
        cache.clear()
        self.around.close()

    @initialize(
        members=st.sampled_from((2, 3, 20, 20)),
        studying=st.lists(yes, min_size=PEOPLE, max_size=PEOPLE),
        every=st.sampled_from((3, 5, 9)),
        groups=st.lists(st.tuples(number, number, number, number), min_size=3, max_size=5),
    )
    def some_people_study(self, members: int, studying: list[bool], every: int, groups: list[Any]) -> None:
        """Of a group of so many ``members`` not too many may leave at once; the schedule comes ``every`` so often."""
        self.around.enter_context(patch.object(guard, "MIN_MEMBERS", members))
        self.every = every
        for who, verified in enumerate(studying):
            self.enrolls(who, 0, verified)
        self.make_a_collection(0, 0, False)
        for where, kind, other, into in groups:
            self.make_a_group(where, kind, other, into, None)

    # What learners do.

    @rule(who=number, where=number, verified=yes)
    def enrolls(self, who: int, where: int, verified: bool) -> None:
        user, key = self._user(who), KEYS[where % 2]
        mode = "verified" if verified else "audit"
        enrolls(user, self.courses[key], mode)
        self.model.study(user.pk, key, is_active=True, mode=mode)

    @rule(who=number, where=number)
    def leaves(self, who: int, where: int) -> None:
        user, key = self._user(who), KEYS[where % 2]
        if CourseEnrollment.objects.filter(user=user, course=self.courses[key]).exists():
            unenrolls(user, self.courses[key])
            self.model.study(user.pk, key, is_active=False)

    @rule(who=number, where=number, stays=yes)
    def is_enrolled_or_not_by_a_bulk_update(self, who: int, where: int, stays: bool) -> None:
        user, key = self._user(who), KEYS[where % 2]
        rows = CourseEnrollment.objects.filter(user=user, course=self.courses[key])
        if rows.update(is_active=stays):
            self.model.study(user.pk, key, is_active=stays)
            self.is_silent = True

    @rule(who=number, where=number, percent=st.sampled_from((20, 80)))
    def is_graded(self, who: int, where: int, percent: int) -> None:
        user, key = self._user(who), KEYS[where % 2]
        PersistentCourseGrade.objects.update_or_create(
            user_id=user.pk, course_id=self.courses[key].id, defaults={"percent_grade": percent / 100}
        )
        is_graded(user, self.courses[key].id)
        self.model.study(user.pk, key, percent=percent)

    @rule(who=number, hours=st.sampled_from((1, 71)))
    def logs_in(self, who: int, hours: int) -> None:
        user = self._user(who)
        logs_in(user, timezone.now() - timedelta(hours=hours))
        self.model.change(user.pk, last_login=NOW - timedelta(hours=hours))

    @rule(who=number)
    def is_disabled_or_no_longer(self, who: int) -> None:
        user = self._user(who)
        standings = UserStanding.objects.filter(user=user)
        if standing := standings.first():
            standing.delete()
        else:
            disable(user)
        self.model.change(user.pk, is_disabled=standing is None)

    # What authors do.

    @rule(where=number, kind=number, other=number, into=number, removal_limit=st.sampled_from((None, 0, 100)))
    def make_a_group(self, where: int, kind: int, other: int, into: int, removal_limit: int | None) -> None:
        scope = SCOPES[where % len(SCOPES)]
        named = [each for each in self._collections() if each.scope == scope]
        home = named[into % len(named)] if named and into % 3 else None
        asked = self._rule(scope, kind, other)
        if len(self.model.groups) == GROUPS or (asked is None and home is not None and home.under):
            return
        self.made += 1
        parts = {"name": f"Group {self.made}", "rule": asked, "removal_limit": removal_limit}
        try:
            made = api.create_group(scope, collection=home and home.uuid, **parts)
        except InvalidGroup:
            # It would be built on itself, or on a group that it excludes.
            assert home is not None
            assert "group_member" in str(asked)
            return
        self._know(made.collection_uuid)
        self.model.groups[made.uuid] = Group(made.uuid, scope, made.collection_uuid, asked, made.status)
        self.model.collections[made.collection_uuid].groups.append(made.uuid)
        if kind % 5 and made.is_dynamic:
            api.activate_group(made.uuid)
            self.model.groups[made.uuid].status = "active"

    @rule(which=number, kind=number, other=number)
    def edit_the_rule(self, which: int, kind: int, other: int) -> None:
        if (group := self._group(which)) is None or group.status == "archived":
            return None
        asked = self._rule(group.scope, kind, other)
        if asked is None and self.model.home(group.uuid).under:
            return None
        try:
            data = edited(api.get_group(group.uuid), rule=asked)
        except InvalidGroup:
            assert "group_member" in f"{asked} {self.model.groups}"
            return self._refused(group)
        group.rule, group.status = asked, data.status
        if asked is None:
            for user in self._stored(group.uuid):
                self._pins(group)[user] = (group.uuid, MANUAL)
        else:
            self._thaw(group) if group.status == "active" else self._freeze(group)
        return None

    @rule(which=number, mode=st.sampled_from(("both", "both", "add", "remove")))
    def change_its_mode(self, which: int, mode: str) -> None:
        if (group := self._group(which)) is not None and group.status != "archived":
            edited(api.get_group(group.uuid), update_mode=mode)
            group.mode = mode
            self.ever[group.uuid] = self._stored_by_rule(group)
            self._thaw(group) if group.is_refreshed else None

    @rule(which=number)
    def activate(self, which: int) -> None:
        if (group := self._group(which)) is None or group.status == "active":
            return None
        try:
            api.activate_group(group.uuid)
        except InvalidGroup:
            return self._refused(group)
        except WrongStatus:
            # A subdivision of what is put away holds nobody.
            above = self.model.home(group.uuid).under
            assert above is not None
            assert self.model.groups[above].status == "archived"
            return self._refused(group)
        group.status = "active"
        self.ever[group.uuid] = self._stored_by_rule(group)
        self._thaw(group) if group.rule is not None else None
        return None

    @rule(which=number)
    def pause(self, which: int) -> None:
        if (group := self._group(which)) is not None and group.status == "active":
            api.pause_group(group.uuid)
            group.status = "paused"
            self._freeze(group)

    @rule(which=number)
    def archive(self, which: int) -> None:
        if (group := self._group(which)) is None or group.status == "archived":
            return
        if self._is_used(group):
            with suppress(GroupInUse):
                api.archive_group(group.uuid)
                group.status = "archived"
        else:
            api.archive_group(group.uuid)
            group.status = "archived"
        self._freeze(group) if group.status == "archived" else None

    @rule(which=number)
    def delete(self, which: int) -> None:
        if (group := self._group(which)) is None or self._is_used(group):
            return
        api.delete_group(group.uuid)
        home = self.model.home(group.uuid)
        home.groups.remove(group.uuid)
        home.pins = {user: pin for user, pin in home.pins.items() if pin[0] != group.uuid}
        del self.model.groups[group.uuid]
        self._forget_what_is_gone()

    @rule(where=number, under=number, nested=yes)
    def make_a_collection(self, where: int, under: int, nested: bool) -> None:
        if len(self._collections()) > 3:
            return
        above = self._group(under) if nested else None
        if above is not None and above.status == "archived":
            return
        self.made += 1
        scope = above.scope if above else SCOPES[where % len(SCOPES)]
        made = api.create_collection(scope, name=f"Collection {self.made}", parent_group=above and above.uuid)
        self._know(made.uuid)

    @rule(which=number, turns=number)
    def order(self, which: int, turns: int) -> None:
        if collections := [each for each in self._collections() if len(each.groups) > 1]:
            collection = collections[which % len(collections)]
            turns %= len(collection.groups)
            collection.groups = collection.groups[turns:] + collection.groups[:turns]
            api.order_collection(collection.uuid, collection.groups)

    @rule(which=number, into=number)
    def move(self, which: int, into: int) -> None:
        if (group := self._group(which)) is None:
            return None
        home = self.model.home(group.uuid)
        others = [each for each in self._collections() if (each.scope, each.under) == (home.scope, home.under)]
        target = others[into % len(others)] if others and into % 3 else None
        there = {} if target is None else self._origins(Membership.objects.filter(collection__uuid=target.uuid))
        try:
            api.move_group(group.uuid, collection=target and target.uuid)
        except (InvalidGroup, GroupInUse):
            return self._refused(group)
        self._moved(group, there)
        return None

    @rule(which=number)
    def dissolve(self, which: int) -> None:
        if not (collections := self._collections()):
            return
        collection = collections[which % len(collections)]
        if not self.model.asks_about(collection.rest):
            api.dissolve_collection(collection.uuid)
            for uuid in list(collection.groups):
                self._moved(self.model.groups[uuid], {})
            self.model.collections.pop(collection.uuid)

    # What hands do.

    @rule(which=number, who=number, for_an_hour=yes)
    def add(self, which: int, who: int, for_an_hour: bool) -> None:
        group, user = self._group(which), self._user(who).pk
        if group is None or group.status == "archived" or self.model.home(group.uuid).under:
            return
        end = timezone.now() + timedelta(hours=1) if for_an_hour else None
        told = outcomes(api.add_members(group.uuid, [user], expires_at=end))[0]
        if (group.uuid, user) in self.model.excluded:
            assert told == "excluded"
        elif not self.model.belongs(group.uuid, user):
            assert told == "not_in_population"
        else:
            assert told in ("added", "moved", "already_in")
            self._pins(group)[user] = (group.uuid, MANUAL)
            self._lasts((group.collection, user), for_an_hour)

    @rule(which=number, who=number)
    def remove(self, which: int, who: int) -> None:
        group, user = self._group(which), self._user(who).pk
        if group is None or group.status == "archived":
            return
        by_rule = user in self._stored_by_rule(group)
        is_wanted = self.model.wants(group.uuid, user)
        api.remove_members(group.uuid, [user])
        self._unpin(group, user)
        is_excluded = Exclusion.objects.filter(group__uuid=group.uuid, user=user).exists()
        if "group_member" not in str(group.rule) and not self._may_fail(group):
            assert is_excluded == (by_rule or is_wanted or (group.uuid, user) in self.model.excluded)
        if is_excluded:
            self._exclude(group, user, for_an_hour=False)

    @rule(which=number, who=number, for_an_hour=yes)
    def exclude(self, which: int, who: int, for_an_hour: bool) -> None:
        group, user = self._group(which), self._user(who).pk
        if group is not None and group.status != "archived":
            end = timezone.now() + timedelta(hours=1) if for_an_hour else None
            api.exclude(group.uuid, [user], expires_at=end)
            self._unpin(group, user)
            self._exclude(group, user, for_an_hour)

    @rule(which=number, who=number)
    def lift_an_exclusion(self, which: int, who: int) -> None:
        group, user = self._group(which), self._user(who).pk
        if group is not None and group.status != "archived":
            api.lift_exclusions(group.uuid, [user])
            self.model.excluded.discard((group.uuid, user))

    @rule(which=number, approved=yes)
    def decide(self, which: int, approved: bool) -> None:
        held = list(RefreshRun.objects.filter(outcome="held", decision="").select_related("group").order_by("pk"))
        if held:
            (api.approve_refresh if approved else api.discard_refresh)(held[which % len(held)].uuid)
            self._note_who_is_paused()

    @rule(which=number)
    def undo(self, which: int) -> None:
        if (group := self._group(which)) is not None and group.status != "archived":
            with suppress(WrongStatus):
                api.undo_refresh(group.uuid)
                self._note_who_is_paused()

    # What plugins, clocks and workers do.

    @rule()
    def the_plugin_fails_or_is_repaired(self) -> None:
        Fails.is_out_of_order = not Fails.is_out_of_order

    @rule()
    def two_hours_pass(self) -> None:
        later = timedelta(hours=2)
        for group in self.model.groups.values():
            aged(api.get_group(group.uuid), hours=2)
        User.objects.filter(last_login__isnull=False).update(last_login=F("last_login") - later)
        for user, person in self.model.people.items():
            if person.last_login is not None:
                self.model.change(user, last_login=person.last_login - later)
        for model in (Membership, Exclusion):
            model.objects.filter(expires_at__isnull=False).update(expires_at=F("expires_at") - later)
        self.model.excluded -= self.for_an_hour
        for uuid, user in self.for_an_hour & {
            (each, user) for each in self.model.collections for user in self.model.people
        }:
            self.model.collections[uuid].pins.pop(user, None)
        self.for_an_hour.clear()

    @rule(which=number)
    def refresh(self, which: int) -> None:
        if (group := self._group(which)) is None:
            return
        row = UserGroup.objects.select_related("collection").get(uuid=group.uuid)
        is_stuck = self._is_stuck(self.model.home(group.uuid))
        told = None if is_stuck else difference(groups_of([row.collection_id]), timezone.now())
        before = _places(row)
        run = api.refresh(group.uuid)
        if told is None or run is None or run.outcome not in ("done", "nothing") or row.collection.kind == "random":
            return
        for who, found in ((told.joiners, _places(row) - before), (told.leavers, before - _places(row))):
            assert {(user, pk) for pk, users in who.items() for user in users} == found

    @rule()
    def drain(self) -> None:
        drain.drain()

    # What holds.

    @invariant()
    def nobody_is_in_two_groups_of_a_collection(self) -> None:
        rows = Membership.objects.all()
        assert not rows.exclude(collection=F("group__collection")).exists()
        assert rows.values("collection", "user").distinct().count() == rows.count()

    @invariant()
    def what_a_group_only_adds_was_wanted(self) -> None:
        for group in self.model.groups.values():
            if group.mode == "add" and group.is_refreshed:
                wanted = {user for user in self.model.people if self.model.wants(group.uuid, user)}
                self.ever.setdefault(group.uuid, set()).update(wanted)

    @invariant()
    def who_should_be_is_a_member(self) -> None:
        self.done += 1
        if self.every and self.done % self.every == 0:
            self._drain_and_refresh_what_is_due()
            self._compare()

    def _drain_and_refresh_what_is_due(self) -> None:
        if self.is_silent:
            # Of what nobody tells, every group hears within a day.
            self._let_pass(timedelta(hours=25))
        self.is_silent = False
        broken = UserGroup.objects.filter(health="broken")
        broken.update(next_due=timezone.now())
        cache.clear()
        drain.drain()
        with suppress(SystemExit):
            call_command("refresh_user_groups", "--due", stdout=_Nowhere())
        drain.drain()

    def _compare(self) -> None:
        for collection in self.model.collections.values():
            collection.is_stuck = self._is_stuck(collection)
        kept = {uuid: dict(collection.pins) for uuid, collection in self.model.collections.items()}
        for collection in self.model.collections.values():
            self._look_at_what_depends_on_history(collection)
        stored = {uuid: self._stored(uuid) for uuid in self.model.groups}
        expected = {uuid: self.model.rows(uuid) for uuid in self.model.groups}
        assert stored == expected
        for uuid in self.model.groups:
            members = set(api.members(uuid).values_list("pk", flat=True))
            assert members == self.model.members(uuid)
            assert api.get_group(uuid).member_count == len(members)
        for uuid, pins in kept.items():
            self.model.collections[uuid].pins = pins

    def _is_stuck(self, collection: Collection) -> bool:
        """Whether nothing is written to a collection: somebody has to decide, or a plugin fails."""
        groups = [self.model.groups[uuid] for uuid in collection.groups]
        healths = UserGroup.objects.filter(uuid__in=collection.groups).values_list("uuid", "health")
        ill = {uuid for uuid, health in healths if health in ("held", "broken")}
        return any(group.is_refreshed and (group.uuid in ill or self._may_fail(group)) for group in groups)

    def _look_at_what_depends_on_history(self, collection: Collection) -> None:
        """Pin whoever is there by what happened earlier, after looking whether they may be."""
        for uuid in collection.groups:
            group, stored = self.model.groups[uuid], self._stored(uuid)
            if collection.is_stuck:
                collection.pins |= {user: (uuid, origin) for user, origin in stored.items()}
            elif group.is_refreshed and group.mode != "both":
                by_rule = {user for user, origin in stored.items() if origin == RULE}
                if not collection.under and "group_member" not in str(group.rule):
                    assert by_rule <= self.ever.get(uuid, set())
                collection.pins |= dict.fromkeys(by_rule, (uuid, RULE))
                if group.mode == "remove":
                    self.ever[uuid] = by_rule
        if collection.is_stuck:
            on = {user for uuid in collection.groups for user in self._stored(uuid)}
            collection.pins = {user: pin for user, pin in collection.pins.items() if user in on}

    # How it is done.

    def _user(self, who: int) -> User:
        return User.objects.get(pk=self.users[who % PEOPLE].pk)

    def _group(self, which: int) -> Group | None:
        groups = list(self.model.groups.values())
        return groups[which % len(groups)] if groups else None

    def _collections(self) -> list[Collection]:
        return [each for each in self.model.collections.values() if each.is_named]

    def _know(self, uuid: UUID) -> Collection:
        if uuid not in self.model.collections:
            row = GroupCollection.objects.select_related("scope", "parent_group").get(uuid=uuid)
            under = row.parent_group.uuid if row.parent_group else None
            self.model.collections[uuid] = Collection(
                uuid, row.rest_uuid, row.scope.data, under=under, is_named=not row.is_implicit
            )
        return self.model.collections[uuid]

    def _rule(self, scope: Any, kind: int, other: int) -> Any:
        """One of some rules; about other groups, too."""
        if kind == 0:
            return None
        first = (*LEAVES, GRADED if scope != ACME else LEAVES[0])[kind % (len(LEAVES) + 1)]
        inside = [each for each in self.model.groups.values() if each.scope in (scope, FIRST)]
        named = [group.uuid for group in inside]
        named += [each.rest for each in self.model.collections.values() if each.scope in (scope, FIRST)]
        if kind < 5 or not named:
            return {"all": [first]}
        if kind < 10:
            about = leaf("group_member", ("in", "not_in")[kind % 2], groups=[str(named[other % len(named)])])
            return {("all", "any")[kind % 3 == 0]: [first, about]}
        return {"any": [first, leaf("test.fails", "in", ids=[user.pk for user in self.users[:2]])]}

    def _pins(self, group: Group) -> dict[int, Any]:
        return self.model.home(group.uuid).pins

    def _unpin(self, group: Group, user: int) -> None:
        if self._pins(group).get(user, (None,))[0] == group.uuid:
            del self._pins(group)[user]
            self.for_an_hour.discard((group.collection, user))

    def _lasts(self, what: tuple[UUID, int], for_an_hour: bool) -> None:
        (self.for_an_hour.add if for_an_hour else self.for_an_hour.discard)(what)

    def _exclude(self, group: Group, user: int, for_an_hour: bool) -> None:
        self.model.excluded.add((group.uuid, user))
        self._lasts((group.uuid, user), for_an_hour)

    def _freeze(self, group: Group) -> None:
        """From now on no refresh takes anybody out."""
        self._thaw(group)
        self._pins(group).update(dict.fromkeys(self._stored_by_rule(group), (group.uuid, RULE)))

    def _thaw(self, group: Group) -> None:
        pins = self._pins(group)
        for user in [user for user, pin in pins.items() if pin == (group.uuid, RULE)]:
            del pins[user]

    def _note_who_is_paused(self) -> None:
        statuses = dict(UserGroup.objects.values_list("uuid", "status"))
        for group in self.model.groups.values():
            if statuses[group.uuid] != group.status:
                group.status = statuses[group.uuid]
                assert group.status == "paused"
            if group.status == "paused":
                self._freeze(group)

    def _moved(self, group: Group, there: dict[int, str]) -> None:
        """Let a group be where it was moved to; ``there`` is who was in that collection before."""
        home = self.model.home(group.uuid)
        now = self._know(api.get_group(group.uuid).collection_uuid)
        if now is home:
            return
        mine = {user: pin for user, pin in home.pins.items() if pin[0] == group.uuid}
        home.pins = {user: pin for user, pin in home.pins.items() if user not in mine}
        home.groups.remove(group.uuid)
        for user, pin in mine.items():
            ends = (home.uuid, user) in self.for_an_hour
            self.for_an_hour.discard((home.uuid, user))
            if user not in there or (pin[1] != RULE and there[user] == RULE):
                now.pins[user] = pin
                self._lasts((now.uuid, user), ends)
        group.collection = now.uuid
        now.groups.append(group.uuid)
        self._forget_what_is_gone()

    def _forget_what_is_gone(self) -> None:
        gone = [uuid for uuid, each in self.model.collections.items() if not each.is_named and not each.groups]
        for uuid in gone:
            del self.model.collections[uuid]

    def _is_used(self, group: Group) -> bool:
        homes = [each for each in self.model.collections.values() if each.under == group.uuid]
        rest = self.model.home(group.uuid).rest
        return bool(homes) or self.model.asks_about(group.uuid) or self.model.asks_about(rest)

    def _refused(self, group: Group) -> None:
        """Nothing has changed."""
        data = api.get_group(group.uuid)
        assert (data.status, data.collection_uuid) == (group.status, group.collection)

    def _may_fail(self, group: Group) -> bool:
        return Fails.is_out_of_order and "test.fails" in str(group.rule)

    def _let_pass(self, time: timedelta) -> None:
        for group in self.model.groups.values():
            aged(api.get_group(group.uuid), seconds=time.total_seconds())

    def _stored(self, group: UUID) -> dict[int, str]:
        return self._origins(Membership.objects.filter(group__uuid=group))

    def _stored_by_rule(self, group: Group) -> set[int]:
        return {user for user, origin in self._stored(group.uuid).items() if origin == RULE}

    def _origins(self, rows: Any) -> dict[int, str]:
        return dict(rows.values_list("user_id", "origin"))


class _Nowhere:
    def write(self, *_args: Any) -> None:
        """Nobody reads it."""


@pytest.mark.django_db
def test_in_the_end_exactly_those_are_members_who_should_be() -> None:
    run_state_machine_as_test(Life, settings=settings(max_examples=examples(8), stateful_step_count=20))


@pytest.mark.slow
@pytest.mark.django_db
def test_the_same_much_longer() -> None:
    run_state_machine_as_test(Life, settings=settings(max_examples=20, stateful_step_count=30))
