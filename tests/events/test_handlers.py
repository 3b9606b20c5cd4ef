"""Handlers: an event is a row in the transaction in which it is sent, and whoever sends it never hears of us."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from openedx_events.data import EventsMetadata
from openedx_events.learning.data import CourseData, PersistentCourseGradeData
from openedx_events.learning.signals import (
    COURSE_ENROLLMENT_CHANGED,
    PERSISTENT_GRADE_SUMMARY_CHANGED,
    STUDENT_REGISTRATION_COMPLETED,
)

from common.djangoapps.student.models import CourseEnrollment, UserProfile
from openedx_user_groups import api, deadline
from openedx_user_groups.criteria import registry
from openedx_user_groups.events import handlers, listening
from openedx_user_groups.upkeep import drain
from tests.by_api import VERIFIED, Answer, a_group, leaf, member_ids, statements, writes
from tests.examples import examples
from tests.factories import NOW, a_course, a_learner, a_user, enroll, profile, scope_of_course, scope_of_instance
from tests.happenings import (
    WHEN,
    CountingCache,
    enrollment_data,
    enrolls,
    is_graded,
    logs_in,
    noted,
    of_user,
    user_data,
)
from tests.world import rolled_back

pytestmark = pytest.mark.django_db

GRADED = "course.persistent_grade_summary.changed.v1"
REGISTERED = "org.openedx.learning.student.registration.completed.v1"
GOOD = {"all": [leaf("course_grade", ">=", percent=80)]}
FROM_SPAIN = {"all": [leaf("country", "in", values=["ES"])]}
COUNTED = override_settings(CACHES={"default": {"BACKEND": "tests.happenings.CountingCache"}})
# Studio appends, and leaves the rest to the LMS: here nothing drains what a test looks at.
IN_STUDIO = override_settings(SERVICE_VARIANT="cms")


@pytest.fixture
def ana(course):
    return a_learner(course, username="ana")


@pytest.fixture(autouse=True)
def _an_empty_cache():
    cache.clear()
    yield
    cache.clear()


class TestEvents:
    """What comes as an event of openedx-events."""

    def test_it_is_a_row_for_each_scope_that_listens(self, course, scope, ana) -> None:
        a_group(scope, GOOD)

        is_graded(ana, course.id)

        assert noted() == [(GRADED, ana.pk, str(course.id))]

    def test_nobody_listens(self, course, scope, ana) -> None:
        a_group(scope, VERIFIED)

        is_graded(ana, course.id)

        assert noted() == []

    def test_over_the_event_bus_it_is_the_same(self, course, scope, ana) -> None:
        a_group(scope, VERIFIED)
        metadata = EventsMetadata(event_type=COURSE_ENROLLMENT_CHANGED.event_type, minorversion=0)

        COURSE_ENROLLMENT_CHANGED.send_event_with_custom_metadata(metadata, enrollment=enrollment_data(ana, course.id))

        assert noted() == [("course.enrollment.changed.v1", ana.pk, str(course.id))]

    def test_it_is_noted_once_in_a_transaction_however_often_it_is_sent(self, course, scope, ana) -> None:
        a_group(scope, GOOD)

        for _time in range(3):
            is_graded(ana, course.id)

        assert len(noted()) == 1

    def test_after_a_drain_it_is_noted_again(self, course, scope, ana) -> None:
        a_group(scope, GOOD)
        is_graded(ana, course.id)
        drain.drain()

        is_graded(ana, course.id)

        assert noted() == [(GRADED, ana.pk, str(course.id))]

    def test_what_is_rolled_back_is_gone_and_noted_when_it_happens_again(self, course, scope, ana) -> None:
        a_group(scope, GOOD)
        with transaction.atomic():
            is_graded(ana, course.id)
            transaction.set_rollback(True)
        assert noted() == []

        is_graded(ana, course.id)

        assert noted() == [(GRADED, ana.pk, str(course.id))]

    def test_in_studio_it_is_noted_as_well(self, course, scope, ana) -> None:
        a_group(scope, GOOD)

        with IN_STUDIO:
            is_graded(ana, course.id)

        assert len(noted()) == 1

    def test_with_the_flag_off_nothing_is_written(self, course, scope, ana) -> None:
        a_group(scope, GOOD)

        with override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=False), statements() as sent:
            is_graded(ana, course.id)

        assert writes(sent) == []


class TestRows:
    """What comes as a row of a table of the platform that was saved or deleted."""

    def test_only_a_column_that_somebody_reads_is_a_change(self, scope, ana) -> None:
        a_group(scope, FROM_SPAIN)
        tells = profile(ana, country="DE")
        drain.drain()

        tells.bio = "Likes maps."
        tells.save()
        tells.save(update_fields=["bio", "name"])
        assert noted() == []

        tells.country = "ES"
        tells.save()
        assert noted() == [("student.UserProfile", ana.pk, "")]

    def test_what_is_said_to_be_saved_is_believed(self, scope, ana) -> None:
        a_group(scope, FROM_SPAIN)
        tells = profile(ana, country="ES")
        drain.drain()

        with statements() as sent:
            tells.save(update_fields=["country"])

        assert noted() == [("student.UserProfile", ana.pk, "")]
        assert not [sql for sql in sent if sql.startswith("SELECT") and "auth_userprofile" in sql]

    def test_a_column_set_by_an_expression_may_have_changed(self, scope, ana) -> None:
        a_group(scope, {"all": [leaf("age", ">", years=20)]})
        tells = profile(ana, year_of_birth=1990)
        drain.drain()

        tells.year_of_birth = F("year_of_birth") + 1
        tells.save()

        assert noted() == [("student.UserProfile", ana.pk, "")]

    def test_a_row_that_goes_is_a_change(self, scope, ana) -> None:
        tells = profile(ana, country="ES")
        a_group(scope, FROM_SPAIN)

        tells.delete()

        assert noted() == [("student.UserProfile", ana.pk, "")]

    def test_a_row_that_comes_to_another_user_is_a_change_of_both(self, scope, course, ana) -> None:
        ben = a_learner(course)
        tells = profile(ana, country="ES")
        a_group(scope, FROM_SPAIN)

        tells.user = ben
        tells.save()

        assert {user for _source, user, _scope in noted()} == {ana.pk, ben.pk}

    def test_even_where_that_is_all_that_is_saved(self, scope, course, ana) -> None:
        ben = a_learner(course)
        tells = profile(ana, country="ES")
        a_group(scope, FROM_SPAIN)

        tells.user = ben
        tells.save(update_fields=["user"])

        assert {user for _source, user, _scope in noted()} == {ana.pk, ben.pk}

    def test_the_rows_of_a_fixture_are_left_to_the_schedule(self, scope, ana) -> None:
        a_group(scope, FROM_SPAIN)

        UserProfile(user=ana, country="ES").save_base(raw=True)

        assert noted() == []

    @COUNTED
    @pytest.mark.django_db(transaction=True)
    def test_a_save_that_concerns_nobody_costs_one_call_of_the_cache(self, scope, ana) -> None:
        tells = profile(ana)
        a_group(scope, VERIFIED)
        listening.scopes_of("student.UserProfile")
        CountingCache.calls.clear()

        tells.country = "ES"
        with statements() as sent:
            tells.save()

        assert CountingCache.calls == ["get_many"]
        assert len([sql for sql in sent if not sql.startswith("UPDATE")]) == 0

    @COUNTED
    @pytest.mark.django_db(transaction=True)
    def test_a_column_that_no_criterion_reads_costs_nothing(self, scope, ana) -> None:
        tells = profile(ana)
        a_group(scope, FROM_SPAIN)
        CountingCache.calls.clear()

        tells.save(update_fields=["bio"])

        assert CountingCache.calls == []


class TestCosts:
    """What an event costs whoever sends it."""

    @COUNTED
    @IN_STUDIO
    @pytest.mark.django_db(transaction=True)
    def test_where_somebody_listens_it_is_one_insert_in_a_savepoint(self, course, scope, ana) -> None:
        a_group(scope, GOOD)
        listening.scopes_of(f"org.openedx.learning.{GRADED}", str(course.id))
        CountingCache.calls.clear()

        with transaction.atomic(), statements() as sent:
            is_graded(ana, course.id)

        assert [sql.split()[0] for sql in sent] == ["SAVEPOINT", "INSERT", "RELEASE"]
        assert CountingCache.calls == ["get_many"]

    @COUNTED
    @pytest.mark.django_db(transaction=True)
    def test_where_nobody_does_it_is_one_call_of_the_cache(self, course, scope, ana) -> None:
        a_group(scope, VERIFIED)
        listening.scopes_of(f"org.openedx.learning.{GRADED}", str(course.id))
        CountingCache.calls.clear()

        with transaction.atomic(), statements() as sent:
            is_graded(ana, course.id)

        assert (sent, CountingCache.calls) == ([], ["get_many"])


class Faulty(Answer):
    """A criterion whose plugin looks for the user in a way that fails."""

    updated_by = {REGISTERED: lambda event: 1 // 0}


class Asking(Answer):
    """A criterion whose plugin asks the database for what it does not have."""

    updated_by = {REGISTERED: lambda event: User.objects.extra(where=["no_such_column = 1"]).count()}


class Hanging(Answer):
    """A criterion whose plugin looks for the user and never finds them."""

    updated_by = {REGISTERED: lambda event: threading.Event().wait()}


class Watching(Answer):
    """A criterion of a plugin, with a path of its own."""

    updated_by = {REGISTERED: "user.id"}


class TestBadInput:
    """A line in the log, and nothing else: no row, and no error for whoever sends the event."""

    @pytest.fixture(autouse=True)
    def _errors_come_through(self):
        # As on a developer's machine, where openedx-events lets errors of receivers reach the sender.
        with override_settings(DEBUG=True):
            yield

    @staticmethod
    def grade(user: Any, key: Any) -> None:
        PERSISTENT_GRADE_SUMMARY_CHANGED.send_event(
            grade=PersistentCourseGradeData(user, CourseData(course_key=key), WHEN, "", "", 0.5, "", None)
        )

    @pytest.mark.parametrize("user", [None, "ana", 0, -1, 2**40, True, 5.5, [], "user^nobody"])
    def test_a_user_that_is_none(self, user, course, scope, ana, caplog) -> None:
        a_group(scope, GOOD)

        self.grade(user, course.id)

        assert noted() == []
        assert "persistent_grade_summary.changed.v1 is passed over: 'grade.user_id' leads to no user" in caplog.text

    @pytest.mark.parametrize("key", ["nonsense", 5, ["course-v1:Acme+A1+2026"], b"course-v1:Acme+A1+2026"])
    def test_a_course_that_is_none(self, key, scope, ana, caplog) -> None:
        a_group(scope, GOOD)

        self.grade(ana.pk, key)

        assert noted() == []
        assert "'grade.course.course_key' leads to no course" in caplog.text

    def test_a_course_that_is_not_here(self, scope, ana, caplog) -> None:
        a_group(scope, GOOD)
        caplog.set_level("INFO")

        self.grade(ana.pk, "course-v1:Acme+GONE+2026")

        assert noted() == []
        assert "course-v1:Acme+GONE+2026, which is no course here" in caplog.text

    def test_an_event_without_what_it_should_hold(self, course, scope, ana, caplog) -> None:
        a_group(scope, GOOD)

        handlers.on_event(PERSISTENT_GRADE_SUMMARY_CHANGED, grade=None)
        handlers.on_event(PERSISTENT_GRADE_SUMMARY_CHANGED)

        assert noted() == []
        assert caplog.text.count("leads nowhere") == 2

    def test_a_user_who_is_not_here_is_noted_and_drained_to_nothing(self, course, scope) -> None:
        group = a_group(scope, GOOD)

        self.grade(123_456, course.id)
        drain.drain()

        assert (noted(), member_ids(group)) == ([], set())

    def test_a_plugin_that_fails_keeps_nobody_else_from_hearing(self, scope, ana, caplog) -> None:
        with registry.temporarily(acme__faulty=Faulty, acme__watching=Watching):
            handlers.connect()
            for name in ("faulty", "watching"):
                a_group(scope, {"all": [leaf(f"acme.{name}", "in", ids=[])]})

            STUDENT_REGISTRATION_COMPLETED.send_event(user=user_data(ana))

        assert noted() == [("student.registration.completed.v1", ana.pk, "")]
        assert "ZeroDivisionError" in caplog.text

    def test_a_statement_that_fails_leaves_the_transaction_of_the_sender_alone(self, scope, ana, caplog) -> None:
        with registry.temporarily(acme__asking=Asking):
            handlers.connect()
            a_group(scope, {"all": [leaf("acme.asking", "in", ids=[])]})

            STUDENT_REGISTRATION_COMPLETED.send_event(user=user_data(ana))

        assert "is passed over" in caplog.text
        assert (noted(), User.objects.filter(pk=ana.pk).exists()) == ([], True)

    def test_a_plugin_that_hangs_holds_up_nobody(self, scope, ana, caplog, monkeypatch) -> None:
        monkeypatch.setattr(deadline, "PROMPT", 0.3)
        with registry.temporarily(acme__hanging=Hanging, acme__watching=Watching):
            handlers.connect()
            for name in ("hanging", "watching"):
                a_group(scope, {"all": [leaf(f"acme.{name}", "in", ids=[])]})

            STUDENT_REGISTRATION_COMPLETED.send_event(user=user_data(ana))

        assert noted() == [("student.registration.completed.v1", ana.pk, "")]
        assert "It took longer than 0.3 seconds" in caplog.text


class TestWhoeverSends:
    """What happens on the platform goes on, and is right in the end."""

    @pytest.mark.django_db(transaction=True)
    def test_what_is_committed_is_drained(self, course, scope) -> None:
        group = a_group(scope, VERIFIED)
        ben = a_user()

        with override_settings(OPENEDX_USER_GROUPS_DRAIN_SECONDS=0), transaction.atomic():
            enrolls(ben, course, "verified")
            assert member_ids(group) == set()

        assert member_ids(group) == {ben.pk}
        assert noted() == []

    @IN_STUDIO
    @pytest.mark.django_db(transaction=True)
    def test_studio_leaves_it_to_the_lms(self, course, scope) -> None:
        with override_settings(SERVICE_VARIANT="lms"):
            group = a_group(scope, VERIFIED)
        ben = a_user()

        with transaction.atomic():
            enrolls(ben, course, "verified")

        assert of_user(ben) == [str(course.id)]
        assert member_ids(group) == set()

    def test_a_log_in_is_one_row_and_no_change_of_the_profile(self, scope, ana) -> None:
        a_group(scope, {"all": [leaf("user_field", "contains", field="email", value="@")]})
        logs_in(ana, NOW)
        assert noted() == []

        a_group(scope, {"all": [leaf("last_login", "within_days", days=10)]})
        logs_in(ana, NOW + timedelta(hours=1))
        assert noted() == [("auth.User", ana.pk, "")]

    def test_enrolling_is_one_row_for_each_scope(self, course, scope) -> None:
        a_group(scope, VERIFIED)
        a_group(scope_of_instance(), {"all": [leaf("enrolled_in_course", "in", course_keys=[str(course.id)])]})
        ben = a_user()
        drain.drain()

        enrolls(ben, course)

        assert of_user(ben) == sorted([str(course.id), "instance"])

    def test_what_criteria_name_and_nobody_has_is_passed_over(self) -> None:
        unknown = {"org.acme.never.v1": "user.id", "nowhere.Model": "user_id", "nonsense": "id"}
        with registry.temporarily(acme__waits=type("Waits", (Answer,), {"updated_by": unknown})):
            handlers.connect()

            assert set(unknown) <= listening.sources()

    def test_to_listen_twice_is_to_hear_once(self, course, scope, ana) -> None:
        a_group(scope, GOOD)
        handlers.connect()

        is_graded(ana, course.id)

        assert len(noted()) == 1


# An event of one of three learners, or a block of them that is rolled back or is not.
BLOCKS = st.recursive(
    st.integers(0, 2), lambda inner: st.tuples(st.booleans(), st.lists(inner, max_size=5)), max_leaves=15
)


@settings(max_examples=examples(50))
@given(block=st.tuples(st.just(False), st.lists(BLOCKS, max_size=5)))
def test_whatever_is_rolled_back_whoever_has_changed_in_the_end_is_noted_and_nobody_else(block) -> None:
    with rolled_back():
        course = a_course()
        people = [a_learner(course) for _ in range(3)]
        a_group(scope_of_course(course), GOOD)

        def happens(what: Any) -> set[int]:
            """Who has changed when it is over."""
            if isinstance(what, int):
                is_graded(people[what], course.id)
                return {people[what].pk}
            fails, parts = what
            with transaction.atomic():
                changed = set().union(*map(happens, parts))
                transaction.set_rollback(fails)
            return set() if fails else changed

        assert happens(block) == {user for _source, user, _scope in noted()}


def test_a_user_is_merged_into_another_one(course, scope) -> None:
    """The rows of the one become rows of the other; the tool that does it tells nobody."""
    ana, ben = a_user(), a_user()
    group = a_group(scope, VERIFIED)
    enroll(ana, course, "verified")
    drain.drain()
    assert member_ids(group) == {ana.pk}

    enrollment = CourseEnrollment.objects.get(user=ana)
    enrollment.user = ben
    enrollment.save()
    User.objects.filter(pk=ana.pk).delete()
    drain.drain()

    assert member_ids(group) == {ben.pk}
    assert api.get_group(group.uuid).member_count == 1
