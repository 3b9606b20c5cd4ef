"""Criteria that exclude each other or leave nobody out are found by logic, whoever is there."""

from datetime import UTC, datetime
from itertools import combinations, product

import pytest

from openedx_user_groups import api
from openedx_user_groups.pages.rules.logic import certainties, conflicts, repeated
from openedx_user_groups.rules.tree import Leaf, to_json
from tests.factories import a_course, a_learner, grade, profile, scope_of_course

GRADE = "course_grade percent"
COUNTRY = "country values"
SEEN = "course_activity days"
JOINED = "date_joined date"
ROLES = "enrollment_mode modes"


def asked(*questions):
    """Leaves of ("criterion key", operator, value); without a key the config is empty."""
    leaves = []
    for place, (about, operator, *value) in enumerate(questions):
        criterion, *key = about.split()
        leaves.append(Leaf(f"/all/{place}", criterion, operator, dict(zip(key, value, strict=True))))
    return leaves


def places(found):
    return [[int(leaf.path.rpartition("/")[2]) for leaf in leaves] for leaves in found]


@pytest.mark.parametrize(
    "questions",
    [
        [(GRADE, "<", 40), (GRADE, ">", 60)],
        [(GRADE, "<", 40), (GRADE, ">=", 40)],
        [(GRADE, "between", [0, 20]), (GRADE, "between", [30, 50])],
        [(COUNTRY, "in", ["DE"]), (COUNTRY, "in", ["FR", "IT"])],
        [(COUNTRY, "in", ["DE"]), (COUNTRY, "not_in", ["de", "FR"])],
        [(SEEN, "within_days", 7), (SEEN, "more_than_days_ago", 7)],
        [(SEEN, "within_days", 3), (SEEN, "more_than_days_ago", 10)],
        [(JOINED, "before", "2026-01-01"), (JOINED, "on_or_after", "2026-01-01T00:00:00Z")],
        [("course_passed", "is_true"), ("course_passed", "is_false")],
        [(ROLES, "in", ["audit"]), (ROLES, "not_in", ["audit"])],
        [("user_field value", "is_not", "a"), ("user_field value", "is", "a")],
    ],
)
def test_what_excludes_each_other_is_found(questions):
    assert places(conflicts(asked(*questions))) == [[0, 1]]
    assert places(conflicts(asked(questions[1], ("last_login", "is_true"), questions[0]))) == [[0, 2]]


@pytest.mark.parametrize(
    "questions",
    [
        [(GRADE, "<=", 40), (GRADE, ">=", 40)],
        [(GRADE, "<", 60), (GRADE, ">", 40)],
        [(GRADE, "between", [0, 20]), (GRADE, "between", [20, 50])],
        [(GRADE, "<", 40), ("course_progress percent", ">", 60)],
        [(COUNTRY, "in", ["DE", "FR"]), (COUNTRY, "in", ["FR", "IT"])],
        [(COUNTRY, "not_in", ["DE"]), (COUNTRY, "not_in", ["FR"])],
        [(SEEN, "within_days", 10), (SEEN, "more_than_days_ago", 3)],
        [(SEEN, "more_than_days_ago", 10), (SEEN, "more_than_days_ago", 3)],
        [(JOINED, "on_or_after", "2026-01-01"), (JOINED, "before", "2026-02-01")],
        # Somebody can have several tracks.
        [(ROLES, "in", ["audit"]), (ROLES, "in", ["verified"])],
        [("course_passed", "is_true"), ("certificate", "is_false")],
        [("acme.gone percent", "<", 1), ("acme.gone percent", ">", 2)],
    ],
)
def test_what_can_be_true_together_is_left_alone(questions):
    assert conflicts(asked(*questions)) == []


@pytest.mark.parametrize(
    "questions",
    [
        [("course_passed", "is_true"), ("course_passed", "is_false")],
        [(COUNTRY, "in", ["DE", "FR"]), (COUNTRY, "not_in", ["DE"])],
        [(COUNTRY, "not_in", ["DE"]), (COUNTRY, "not_in", ["FR"])],
        [(SEEN, "within_days", 10), (SEEN, "more_than_days_ago", 3)],
        [("user_field value", "contains", "a"), ("user_field value", "not_contains", "a")],
        [("acme.gone values", "in", ["a"]), ("acme.gone values", "not_in", ["a"])],
    ],
)
def test_what_leaves_nobody_out_is_found(questions):
    assert places(certainties(asked(*questions))) == [[0, 1]]


@pytest.mark.parametrize(
    "questions",
    [
        # Neither is true of somebody without a grade, or who has never been there.
        [(GRADE, "<", 40), (GRADE, ">=", 40)],
        [(JOINED, "before", "2026-01-01"), (JOINED, "on_or_after", "2026-01-01")],
        [(COUNTRY, "in", ["DE"]), (COUNTRY, "not_in", ["DE", "FR"])],
        [(SEEN, "within_days", 3), (SEEN, "more_than_days_ago", 10)],
        [("course_passed", "is_false"), ("certificate", "is_false")],
        [(ROLES, "not_in", ["audit"]), (ROLES, "not_in", ["verified"])],
    ],
)
def test_what_leaves_somebody_out_is_left_alone(questions):
    assert certainties(asked(*questions)) == []


def test_more_than_two_are_looked_at_together():
    three = asked((COUNTRY, "in", ["DE", "FR"]), (COUNTRY, "in", ["FR", "IT"]), (COUNTRY, "in", ["IT", "DE"]))

    assert places(conflicts(three)) == [[0, 1, 2]]


def test_what_stands_there_twice_is_found_once():
    twice = asked(*[(GRADE, "<", 40)] * 3, (GRADE, "<", 41), ("course_passed", "is_true"))

    assert len(repeated(twice)) == 1


# Of each value some that the questions below name, some between and beyond them, and none.
GRADES = [None, *product([0, 40, 50, 60, 100], [None, datetime(2026, 1, 1, tzinfo=UTC)])]
COUNTRIES = [None, "DE", "FR", "IT"]
JOININGS = [datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3)]
QUESTIONS = [
    *((GRADE, operator, percent) for operator, percent in product(["<", "<=", ">", ">="], [40, 60])),
    (GRADE, "between", [40, 60]),
    (GRADE, "between", [0, 39]),
    *((COUNTRY, operator, listed) for operator, listed in product(["in", "not_in"], [["DE"], ["FR"], ["DE", "FR"]])),
    *((JOINED, operator, "2026-02-01") for operator in ("before", "on_or_after")),
    (JOINED, "before", "2026-01-15"),
    ("course_passed", "is_true"),
    ("course_passed", "is_false"),
]


@pytest.fixture
def everybody(db):
    """The scope of a course with somebody of every kind."""
    course = a_course()
    for number, (graded, country, joined) in enumerate(product(GRADES, COUNTRIES, JOININGS)):
        user = a_learner(course, username=f"learner{number}", date_joined=joined)
        profile(user, country=country)
        if graded:
            grade(user, course, *graded)
    return scope_of_course(course)


def test_it_agrees_with_whom_criteria_are_true_of(everybody):
    leaves = asked(*QUESTIONS)
    true_of = {
        leaf.path: set(api.preview(everybody, {"all": [to_json(leaf)]}, user_ids=True).user_ids) for leaf in leaves
    }
    people = len(GRADES) * len(COUNTRIES) * len(JOININGS)

    for one, other in combinations(leaves, 2):
        both, either = true_of[one.path] & true_of[other.path], true_of[one.path] | true_of[other.path]
        assert bool(conflicts([one, other])) == (not both), (one, other)
        # That everybody has registered some day is not known to it.
        if JOINED.split()[0] not in (one.criterion, other.criterion):
            assert bool(certainties([one, other])) == (len(either) == people), (one, other)
