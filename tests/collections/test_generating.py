"""Generating: a collection has a group for each choice of a criterion, and more groups when there are more choices."""

import pytest
from django.db.models import Q

from common.djangoapps.course_modes.models import CourseMode
from common.djangoapps.student.models import CourseAccessRole
from openedx_user_groups import api
from openedx_user_groups.collections import choices, generating
from openedx_user_groups.criteria.base import Criterion, Operator
from openedx_user_groups.criteria.registry import temporarily
from openedx_user_groups.criteria.schemas import values
from openedx_user_groups.exceptions import CriterionError, DuplicateName, InvalidGroup, InvalidScope
from openedx_user_groups.models import GroupCollection, UserGroup
from openedx_user_groups.upkeep import drain
from tests.by_api import EVERYWHERE, a_group, edited, member_ids, row_of
from tests.factories import (
    a_learner,
    a_user,
    enroll,
    grade,
    has_role,
    profile,
    scope_of_instance,
    scope_of_organization,
)
from tests.happenings import enrolls
from tests.soundness import assert_sound

pytestmark = pytest.mark.django_db


def offers(course, slug, title):
    return CourseMode.objects.create(course=course, mode_slug=slug, mode_display_name=title)


def groups_of(collection):
    """The groups of a collection by name, without the deleted ones."""
    found = api.get_collection(collection.uuid).group_uuids
    return {group.name: group for group in map(api.get_group, found)}


def generated(scope, criterion="enrollment_mode", name="Generated", **options):
    return api.create_generated_collection(scope, name=name, criterion=criterion, **options)


class TestTracks:
    def test_a_course_has_a_group_for_each_of_its_tracks(self, course, scope):
        offers(course, "audit", "Audit")
        offers(course, "verified", "Verified Certificate")
        ana, ben = a_learner(course, "verified"), a_learner(course, "honor")

        tracks = api.enrollment_tracks(scope)
        drain.drain()

        assert (tracks.name, tracks.kind, tracks.generator) == (
            "Enrollment tracks",
            "generated",
            {"criterion": "enrollment_mode"},
        )
        groups = groups_of(tracks)
        assert groups.keys() == {"Audit", "Verified Certificate", "honor"}
        assert {group.created_via for group in groups.values()} == {"platform"}
        assert {group.status for group in groups.values()} == {"active"}
        assert member_ids(groups["Verified Certificate"]) == {ana.pk}
        assert member_ids(groups["honor"]) == {ben.pk}
        assert member_ids(groups["Audit"]) == set()

    def test_they_are_made_once(self, course, scope):
        offers(course, "audit", "Audit")

        assert api.enrollment_tracks(scope) == api.enrollment_tracks(scope)
        assert api.enrollment_tracks(scope_of_organization()).scope == scope_of_organization()
        assert UserGroup.objects.filter(scope__key=scope.key).count() == 1

    def test_also_by_two_workers_at_once(self, scope, monkeypatch):
        tracks, looked = generating._tracks, []

        def nothing_yet(asked):
            looked.append(asked)
            if len(looked) == 1:
                # The other worker makes them right now.
                generating.create(asked, "Enrollment tracks", "", "enrollment_mode", None, None)
                return None
            return tracks(asked)

        monkeypatch.setattr(generating, "_tracks", nothing_yet)

        api.enrollment_tracks(scope)

        assert GroupCollection.objects.filter(kind="generated").count() == 1

    def test_what_somebody_calls_the_same_is_not_taken_for_them(self, scope):
        api.create_collection(scope, name="Enrollment Tracks")

        with pytest.raises(DuplicateName):
            api.enrollment_tracks(scope)

    def test_the_instance_has_none(self):
        with pytest.raises(InvalidGroup):
            api.enrollment_tracks(scope_of_instance())
        with pytest.raises(InvalidScope):
            api.enrollment_tracks(scope_of_organization("Nobody"))

    def test_a_new_track_gets_a_group(self, course, scope):
        offers(course, "audit", "Audit")
        tracks = api.enrollment_tracks(scope)
        offers(course, "masters", "Master's")

        assert api.keep_generated(tracks.uuid) == 1
        assert api.keep_generated(tracks.uuid) == 0

        assert list(groups_of(tracks)) == ["Audit", "Master's"]

    def test_one_that_is_gone_is_paused_when_nobody_is_left_in_it(self, course, scope):
        mode = offers(course, "verified", "Verified")
        offers(course, "audit", "Audit")
        ana = a_learner(course, "verified")
        tracks = api.enrollment_tracks(scope)
        drain.drain()
        mode.delete()

        api.keep_generated(tracks.uuid)
        assert groups_of(tracks)["Verified"].status == "active"

        enrolls(ana, course, "audit")
        drain.drain()
        api.keep_generated(tracks.uuid)
        paused = groups_of(tracks)["Verified"]
        assert paused.status == "paused"
        assert "choice" in paused.status_reason

        enrolls(ana, course, "verified")
        drain.drain()
        assert groups_of(tracks)["Verified"].status == "active"
        assert member_ids(paused) == {ana.pk}

    def test_what_somebody_has_paused_stays_so(self, course, scope):
        offers(course, "audit", "Audit")
        tracks = api.enrollment_tracks(scope)
        api.pause_group(groups_of(tracks)["Audit"].uuid)

        api.keep_generated(tracks.uuid)

        assert groups_of(tracks)["Audit"].status == "paused"

    def test_one_that_is_gone_and_let_be_active_stays_so(self, course, scope):
        mode = offers(course, "audit", "Audit")
        tracks = api.enrollment_tracks(scope)
        mode.delete()
        api.keep_generated(tracks.uuid)
        api.activate_group(groups_of(tracks)["Audit"].uuid)

        api.keep_generated(tracks.uuid)

        assert groups_of(tracks)["Audit"].status == "active"

    def test_a_group_follows_the_title_of_its_track(self, course, scope):
        mode = offers(course, "verified", "Verified")
        tracks = api.enrollment_tracks(scope)
        (before,) = groups_of(tracks).values()
        mode.mode_display_name = "With certificate"
        mode.save()

        api.keep_generated(tracks.uuid)

        after = api.get_group(before.uuid)
        assert (after.name, after.rule) == ("With certificate", before.rule)

    def test_unless_somebody_has_called_it_otherwise(self, course, scope):
        mode = offers(course, "verified", "Verified")
        tracks = api.enrollment_tracks(scope)
        (group,) = groups_of(tracks).values()
        edited(group, name="Payers")
        mode.mode_display_name = "With certificate"
        mode.save()

        api.keep_generated(tracks.uuid)

        assert list(groups_of(tracks)) == ["Payers"]

    def test_the_new_title_may_be_taken(self, course, scope):
        mode = offers(course, "verified", "Verified")
        tracks = api.enrollment_tracks(scope)
        a_group(scope, name="Premium")
        mode.mode_display_name = "Premium"
        mode.save()

        api.keep_generated(tracks.uuid)
        api.keep_generated(tracks.uuid)

        assert list(groups_of(tracks)) == ["Enrollment tracks: Premium"]

    def test_a_group_that_was_deleted_does_not_come_back(self, course, scope):
        offers(course, "audit", "Audit")
        tracks = api.enrollment_tracks(scope)
        api.delete_group(groups_of(tracks)["Audit"].uuid)

        assert api.keep_generated(tracks.uuid) == 0
        assert groups_of(tracks) == {}

    def test_a_mode_in_another_case_is_the_same(self, course, scope):
        """The course offers "Honor", and years ago somebody was enrolled as "HONOR"."""
        offers(course, "Honor", "Honor")
        tracks = api.enrollment_tracks(scope)
        enroll(a_user(), course, "HONOR")

        assert api.keep_generated(tracks.uuid) == 0
        assert list(groups_of(tracks)) == ["Honor"]


def test_each_country_has_a_group(course, scope):
    people = [a_learner(course) for _ in range(3)]
    for learner, country in zip(people, ("DE", "FR", ""), strict=True):
        profile(learner, country=country)

    countries = generated(scope, "country", "Countries", rest_name="Nowhere")
    drain.drain()

    groups = groups_of(countries)
    assert [member_ids(group) for group in groups.values()] == [{people[0].pk}, {people[1].pk}]
    assert {group.created_via for group in groups.values()} == {"rule"}
    assert set(api.members(countries.rest_uuid)) == {people[2]}


def test_whoever_has_several_roles_is_in_the_first_group(course, scope):
    ana = a_learner(course)
    for role in ("staff", "beta_testers"):
        has_role(ana, role, course)

    roles = generated(scope, "course_role", "Roles")
    drain.drain()

    beta, staff = groups_of(roles).values()
    assert (member_ids(beta), member_ids(staff)) == ({ana.pk}, set())
    CourseAccessRole.objects.get(role="beta_testers").delete()
    drain.drain()
    assert (member_ids(beta), member_ids(staff)) == (set(), {ana.pk})


def test_each_range_of_grades_has_a_group_and_a_shared_bound_belongs_to_the_higher_one(course, scope):
    people = [a_learner(course) for _ in range(3)]
    for learner, percent in zip(people, (20, 50, 80), strict=True):
        grade(learner, course, percent)

    grades = generated(scope, "course_grade", "Grades", ranges=[[0, 50], [50, 100]])
    drain.drain()

    assert grades.generator == {"criterion": "course_grade", "ranges": [[50, 100], [0, 50]]}
    high, low = groups_of(grades).values()
    assert member_ids(high) == {people[1].pk, people[2].pk}
    assert member_ids(low) == {people[0].pk}
    assert api.keep_generated(grades.uuid) == 0


@pytest.mark.parametrize(
    ("criterion", "ranges", "field"),
    [
        ("nonsense", None, "criterion"),
        ("course_grade", None, "criterion"),
        ("last_login", None, "criterion"),
        ("assignment_grade", [[0, 50]], "criterion"),
        ("country", [[0, 50]], "criterion"),
        ("enrolled_in_course", None, "criterion"),
        ("course_grade", [], "ranges"),
        ("course_grade", "0-50", "ranges"),
        ("course_grade", [[50, 0]], "ranges"),
        ("course_grade", [[0, 50, 100]], "ranges"),
        ("course_grade", [[0, True]], "ranges"),
        ("course_grade", [[0, 500]], "ranges"),
        ("course_grade", [[0, 50], [0, 50.0]], "ranges"),
        ("course_grade", [[0, 50.00000001], [0, 50.00000002]], "ranges"),
    ],
)
def test_what_makes_no_groups_is_refused(scope, criterion, ranges, field):
    with pytest.raises(InvalidGroup) as refused:
        generated(scope, criterion, ranges=ranges)

    assert refused.value.field == field
    assert not GroupCollection.objects.filter(kind="generated").exists()


class Colour(Criterion):
    """The favourite colour."""

    title = "Colour"
    scopes = EVERYWHERE
    operators = {Operator.IN: values("colours", {"type": "string"})}
    offered = {}

    @classmethod
    def choices(cls, asking):
        if isinstance(cls.offered, Exception):
            raise cls.offered
        return cls.offered

    def predicate(self):
        return Q(first_name__in=self.config["colours"])

    def describe(self):
        return "likes it"


@pytest.fixture
def colour(monkeypatch):
    def offer(offered):
        monkeypatch.setattr(Colour, "offered", offered)

    with temporarily(acme__colour=Colour):
        offer({"red": "Red"})
        yield offer


class TestCriteriaOfOthers:
    def test_names_are_made_of_what_can_be_one(self, scope, colour):
        colour({"a": "  Light\n blue ", "b": "x" * 300, "c": "", "d": "\x01", "": "nothing", "e" * 300: "long"})

        found = generated(scope, "acme.colour", "Colours")

        assert list(groups_of(found)) == ["Light blue", "x" * 255, "c", "Colours"]

    def test_titles_may_be_the_same(self, scope, colour):
        colour({"a": "Blue", "b": "blue", "c": "BLUE"})

        found = generated(scope, "acme.colour", "Colours")

        assert list(groups_of(found)) == ["Blue", "Colours: blue", "Colours: BLUE (2)"]

    def test_too_many_choices_are_refused_and_a_collection_that_grows_beyond_stays_as_it_is(self, scope, colour):
        many = {f"c{number}": "" for number in range(choices.MAX_CHOICES + 1)}
        found = generated(scope, "acme.colour", "Colours")
        colour(many)

        with pytest.raises(InvalidGroup) as refused:
            generated(scope, "acme.colour", "Many")
        assert "250" in refused.value.message
        with pytest.raises(InvalidGroup):
            api.keep_generated(found.uuid)
        assert list(groups_of(found)) == ["Red"]

    def test_one_that_fails_changes_nothing(self, scope, colour):
        found = generated(scope, "acme.colour", "Colours")
        colour(ZeroDivisionError("the plugin divides by zero"))

        with pytest.raises(CriterionError, match="divides"):
            api.keep_generated(found.uuid)

        assert groups_of(found)["Red"].status == "active"

    def test_one_that_fails_at_its_second_question_leaves_no_collection_without_groups(self, scope):
        asked = []

        class OnlyOnce(Colour):
            @classmethod
            def choices(cls, asking):
                asked.append(asking)
                if len(asked) > 1:
                    raise ZeroDivisionError("the plugin divides by zero")
                return {"red": "Red"}

        with temporarily(acme__once=OnlyOnce):
            found = generated(scope, "acme.once", "Colours")

        assert list(groups_of(found)) == ["Red"]
        assert len(asked) == 1

    def test_one_that_is_gone_changes_nothing(self, scope, colour):
        found = generated(scope, "acme.colour", "Colours")
        GroupCollection.objects.filter(uuid=found.uuid).update(generator={"criterion": "acme.smell"})

        with pytest.raises(CriterionError):
            api.keep_generated(found.uuid)

        assert groups_of(found)["Red"].status == "active"


def test_two_workers_who_find_the_same_choice_make_one_group(course, scope, monkeypatch):
    offers(course, "audit", "Audit")
    tracks = api.enrollment_tracks(scope)
    offers(course, "verified", "Verified")
    add, begun = generating._add, []

    def meanwhile_the_other(*args):
        if not begun:
            begun.append(args)
            assert generating.keep(args[0]) == 1
        return add(*args)

    monkeypatch.setattr(generating, "_add", meanwhile_the_other)

    assert api.keep_generated(tracks.uuid) == 0
    assert list(groups_of(tracks)) == ["Audit", "Verified"]


def test_dissolved_it_gets_no_more_groups(course, scope):
    offers(course, "audit", "Audit")
    tracks = api.enrollment_tracks(scope)
    collection_id = GroupCollection.objects.get(uuid=tracks.uuid).pk
    groups = groups_of(tracks)
    api.dissolve_collection(tracks.uuid)
    offers(course, "verified", "Verified")

    assert generating.keep(collection_id) == 0
    assert api.get_group(groups["Audit"].uuid).status == "active"
    assert row_of(groups["Audit"]).choice == ""
    assert api.enrollment_tracks(scope).uuid != tracks.uuid
    assert_sound()


def test_a_group_of_a_choice_does_not_leave_its_collection(course, scope):
    offers(course, "audit", "Audit")
    tracks = api.enrollment_tracks(scope)
    other = api.create_collection(scope, name="Other")

    for target in (other.uuid, None):
        with pytest.raises(InvalidGroup, match="stays there"):
            api.move_group(groups_of(tracks)["Audit"].uuid, collection=target)


def test_keeping_up_with_nothing_new_costs_few_queries(course, scope, django_assert_max_num_queries):
    for number in range(6):
        offers(course, f"mode{number}", f"Mode {number}")
    tracks = api.enrollment_tracks(scope)

    with django_assert_max_num_queries(16):
        api.keep_generated(tracks.uuid)


def test_a_new_country_gets_its_group_by_the_drain_that_finds_it(course, scope):
    profile(a_learner(course), country="DE")
    countries = generated(scope, "country", "Countries")
    drain.drain()
    learner = a_user()
    profile(learner, country="FR")
    enrolls(learner, course)

    drain.drain()

    _germany, france = groups_of(countries).values()
    assert member_ids(france) == {learner.pk}
