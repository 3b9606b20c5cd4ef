"""Offers: in which collections somebody may choose a group by themselves."""

import pytest

from openedx_user_groups import api
from openedx_user_groups.evaluation import answers
from openedx_user_groups.platform import lms
from tests.by_api import a_group, statements
from tests.factories import (
    a_course,
    a_learner,
    disable,
    scope_of_course,
    scope_of_instance,
    scope_of_organization,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner(course):
    return a_learner(course)


def collect(scope, name, kind="self", **options):
    return api.create_collection(scope, name=name, kind=kind, **options)


def names(user):
    return [row.name for row in api.collections_offered(user.pk)]


def test_they_are_those_of_kind_self_to_whose_population_a_user_belongs(course, learner):
    parent = a_group(scope_of_course(course))
    collect(scope_of_course(course), "course")
    collect(scope_of_organization(), "organization")
    collect(scope_of_instance(), "instance")
    collect(scope_of_course(course), "below", parent_group=parent.uuid)
    collect(scope_of_course(a_course("course-v1:Other+O1+2026")), "elsewhere")
    collect(scope_of_organization("Other"), "another organization")
    for kind in ("rules", "random"):
        collect(scope_of_course(course), kind, kind=kind)

    assert names(learner) == ["course", "instance", "organization"]
    api.add_members(parent.uuid, [learner.pk])
    assert names(learner) == ["below", "course", "instance", "organization"]


def test_who_has_left_or_is_disabled_chooses_nothing_there(course, learner):
    collect(scope_of_course(course), "course")
    collect(scope_of_instance(), "instance")

    course.courseenrollment_set.update(is_active=False)
    assert names(learner) == ["instance"]
    disable(learner)
    assert names(learner) == []


def test_where_nobody_can_enroll_only_the_instance_is_left(course, learner, monkeypatch):
    collect(scope_of_course(course), "course")
    collect(scope_of_instance(), "instance")
    installed = lms.is_installed
    monkeypatch.setattr(lms, "is_installed", lambda label: label != "student.CourseEnrollment" and installed(label))

    assert names(learner) == ["instance"]


@pytest.mark.parametrize(("number", "queries"), [(0, 2), (1, 3), (3, 3), (4, 4)])
def test_as_many_of_them_are_looked_at_together_as_a_statement_takes(course, learner, monkeypatch, number, queries):
    monkeypatch.setattr(answers, "COLUMNS", 3)
    for place in range(number):
        collect(scope_of_course(course), f"{place}")

    with statements() as sent:
        assert len(names(learner)) == number

    assert len([sql for sql in sent if sql.startswith("SELECT")]) == queries
