"""Criteria about enrollments."""

from datetime import timedelta

import pytest

from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx_user_groups.criteria.base import Asking
from openedx_user_groups.evaluation import matching
from openedx_user_groups.rules.tree import Leaf
from tests.criteria.asking import found, sentence, unknown
from tests.factories import (
    NOW,
    a_course,
    a_learner,
    a_user,
    days_ago,
    disable,
    enroll,
    retire,
    scope_of_course,
    scope_of_instance,
    scope_of_organization,
)

pytestmark = pytest.mark.django_db

FIRST, SECOND, ELSEWHERE = "course-v1:Acme+A1+2026", "course-v1:Acme+A2+2026", "course-v1:Other+B1+2026"


@pytest.fixture
def first():
    return a_course(FIRST)


@pytest.fixture
def second():
    return a_course(SECOND)


def test_a_learner_follows_one_of_the_listed_tracks_or_none_of_them(first) -> None:
    audit, verified, honor = (a_learner(first, mode) for mode in ("audit", "verified", "honor"))
    scope = scope_of_course(first)

    assert found(scope, "enrollment_mode", "in", modes=["audit", "honor"]) == {audit, honor}
    assert found(scope, "enrollment_mode", "not_in", modes=["audit", "honor"]) == {verified}


def test_tracks_are_compared_without_regard_to_ascii_case_and_to_nothing_else(first) -> None:
    learner = a_learner(first, "no-id-Professional")
    scope = scope_of_course(first)

    assert found(scope, "enrollment_mode", "in", modes=["NO-ID-PROFESSIONAL"]) == {learner}
    assert found(scope, "enrollment_mode", "in", modes=["no-id-professional ", "no_id_professional", "%"]) == set()


def test_the_track_in_another_course_does_not_count(first, second) -> None:
    learner = a_learner(first, "audit")
    enroll(learner, second, "verified")

    assert found(scope_of_course(first), "enrollment_mode", "in", modes=["verified"]) == set()
    assert found(scope_of_course(first), "enrollment_mode", "not_in", modes=["verified"]) == {learner}


def test_in_an_organization_any_course_of_it_counts(first, second) -> None:
    both, one, elsewhere = a_learner(first, "audit"), a_learner(second, "audit"), a_learner(first, "audit")
    enroll(both, second, "verified")
    enroll(elsewhere, a_course(ELSEWHERE), "verified")
    scope = scope_of_organization()

    assert found(scope, "enrollment_mode", "in", modes=["verified"]) == {both}
    assert found(scope, "enrollment_mode", "not_in", modes=["verified"]) == {one, elsewhere}


def test_an_enrollment_that_has_ended_does_not_count(first, second) -> None:
    left = a_user()
    enroll(left, first, "verified", is_active=False)
    enroll(left, second, "audit")

    for operator in ("in", "not_in"):
        assert left not in found(scope_of_course(first), "enrollment_mode", operator, modes=["verified"])
    assert found(scope_of_organization(), "enrollment_mode", "in", modes=["verified"]) == set()
    assert found(scope_of_organization(), "enrollment_mode", "not_in", modes=["verified"]) == {left}


def test_nobody_who_is_disabled_or_retiring_is_found(first) -> None:
    stays, disabled, retiring = (a_learner(first, "audit") for _ in range(3))
    disable(disabled)
    retire(retiring)

    assert found(scope_of_course(first), "enrollment_mode", "in", modes=["audit"]) == {stays}
    assert found(scope_of_organization(), "enrollment_mode", "not_in", modes=["verified"]) == {stays}
    assert found(scope_of_instance(), "enrolled_in_course", "in", course_keys=[FIRST]) == {stays}


def test_when_somebody_enrolled(first, second) -> None:
    old, new, edge = a_user(), a_user(), a_user()
    enroll(old, first, created=days_ago(30))
    enroll(new, first, created=days_ago(2))
    enroll(edge, first, created=days_ago(10))
    enroll(old, second, created=days_ago(1))
    scope = scope_of_course(first)

    assert found(scope, "enrollment_date", "within_days", days=10) == {new, edge}
    assert found(scope, "enrollment_date", "more_than_days_ago", days=10) == {old}
    date = days_ago(10).isoformat()
    assert found(scope, "enrollment_date", "before", date=date) == {old}
    assert found(scope, "enrollment_date", "on_or_after", date=date) == {new, edge}
    later = (days_ago(10) + timedelta(microseconds=1)).isoformat()
    assert found(scope, "enrollment_date", "before", date=later) == {old, edge}


def test_an_enrollment_without_a_date_is_unknown_and_counts_as_long_ago(first) -> None:
    learner, dated = a_user(), a_user()
    enroll(learner, first, created=None)
    enroll(dated, first, created=NOW)
    scope = scope_of_course(first)

    assert found(scope, "enrollment_date", "more_than_days_ago", days=5) == {learner}
    assert found(scope, "enrollment_date", "before", date="2100-01-01") == {dated}
    assert found(scope, "enrollment_date", "on_or_after", date="1900-01-01") == {dated}
    assert found(scope, "enrollment_date", "within_days", days=36_500) == {dated}
    assert unknown(scope, "enrollment_date", "within_days", days=5) == 1


def test_who_is_enrolled_in_any_of_the_listed_courses(first, second) -> None:
    both, one, other, left = a_learner(first), a_learner(first), a_learner(second), a_learner(second)
    enroll(both, second)
    enroll(left, first, is_active=False)
    scope = scope_of_organization()

    assert found(scope, "enrolled_in_course", "in", course_keys=[FIRST]) == {both, one}
    assert found(scope, "enrolled_in_course", "not_in", course_keys=[FIRST]) == {other, left}
    assert found(scope, "enrolled_in_course", "in", course_keys=[FIRST, SECOND]) == {both, one, other, left}
    assert found(scope, "enrolled_in_course", "not_in", course_keys=[FIRST, SECOND]) == set()


def test_on_the_instance_people_without_any_course_are_enrolled_in_none(first) -> None:
    learner, stranger = a_learner(first), a_user()

    assert found(scope_of_instance(), "enrolled_in_course", "in", course_keys=[FIRST]) == {learner}
    assert found(scope_of_instance(), "enrolled_in_course", "not_in", course_keys=[FIRST]) == {stranger}
    assert unknown(scope_of_instance(), "enrolled_in_course", "in", course_keys=[FIRST]) == 0


def test_a_sentence_calls_courses_by_their_names_and_runs(first, second) -> None:
    CourseOverview.objects.filter(id=first.id).update(display_name="Chemistry")
    CourseOverview.objects.filter(id=second.id).update(display_name=None)
    keys = [FIRST, SECOND, "course-v1:Acme+Gone+2026", "no key"]

    assert sentence(scope_of_instance(), "enrolled_in_course", "not_in", course_keys=keys) == (
        f"is not enrolled in “Chemistry” (A1 2026) or {SECOND} or course-v1:Acme+Gone+2026 or no key"
    )


def test_any_number_of_criteria_looks_the_courses_up_once(first, second, django_assert_num_queries) -> None:
    asking = Asking(scope_of_instance(), NOW)
    asked = [Leaf("/all/0", "enrolled_in_course", "in", {"course_keys": [key]}) for key in (FIRST, SECOND)]

    with django_assert_num_queries(1):
        matching.look_up((leaf, asking) for leaf in asked)
        assert all("is enrolled in “" in matching.description_of(leaf, asking) for leaf in asked)
