"""The criterion about a completed block: a problem, or all that learners can complete in a unit or a section."""

import sys

import pytest
from opaque_keys.edx.keys import CourseKey

from openedx.core.djangoapps.content.block_structure.models import CourseBlock
from openedx_user_groups import api
from openedx_user_groups.criteria.base import Asking
from openedx_user_groups.evaluation import matching
from openedx_user_groups.exceptions import CriterionFailed, CriterionUnavailable
from openedx_user_groups.population.course_structure import completable_blocks
from openedx_user_groups.rules.tree import Leaf
from tests.criteria.asking import found, refusals, sentence, unknown, values
from tests.factories import (
    NOW,
    a_block,
    a_course,
    a_learner,
    blocks_of,
    complete,
    put_into,
    scope_of_course,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    return a_course(blocks=6)


@pytest.fixture
def unit(course):
    """A unit of the blocks 0 to 2, in a section with a subsection."""
    section = a_block(course, "chapter", "week1")
    subsection = a_block(course, "sequential", "lesson1", section)
    unit = a_block(course, "vertical", "unit1", subsection)
    put_into(unit, *blocks_of(course, 3))
    return unit


def test_a_problem_is_completed_by_whoever_completed_it(course, scope) -> None:
    done, begun, elsewhere, absent = (a_learner(course) for _ in range(4))
    complete(done, course, 1)
    complete(begun, course, 1, completion=0.99)
    complete(elsewhere, a_course("course-v1:Acme+A2+2026", blocks=1), 1)
    problem = str(blocks_of(course, 1)[0])

    assert found(scope, "block_completed", "is_true", usage_key=problem) == {done}
    assert found(scope, "block_completed", "is_false", usage_key=problem) == {begun, elsewhere, absent}
    assert unknown(scope, "block_completed", "is_true", usage_key=problem) == 0


@pytest.mark.parametrize("block", ["vertical+block@unit1", "sequential+block@lesson1", "chapter+block@week1"])
def test_a_unit_a_subsection_and_a_section_are_completed_with_everything_in_them(course, scope, unit, block) -> None:
    part, whole, more = (a_learner(course) for _ in range(3))
    for learner, blocks in ((part, 2), (whole, 3), (more, 6)):
        complete(learner, course, blocks)
    key = f"block-v1:Acme+A1+2026+type@{block}"

    assert found(scope, "block_completed", "is_true", usage_key=key) == {whole, more}
    assert found(scope, "block_completed", "is_false", usage_key=key) == {part}


def test_what_only_staff_or_only_some_learners_are_shown_does_not_count(course, scope, unit) -> None:
    learner = a_learner(course)
    complete(learner, course, 3)
    hidden = a_block(course, "vertical", "hidden", unit, visible_to_staff_only=True)
    chosen = a_block(course, "itembank", "bank", unit)
    put_into(hidden, blocks_of(course, 4)[3])
    put_into(chosen, *blocks_of(course, 6)[4:])

    assert found(scope, "block_completed", "is_true", usage_key=str(unit)) == {learner}


def test_what_is_hidden_from_learners_is_no_part_of_the_size_of_the_course(course, unit) -> None:
    CourseBlock.objects.filter(usage_key=unit).update(visible_to_staff_only=True)

    assert completable_blocks(course.id, NOW) == 3


def test_a_new_block_in_a_unit_is_to_be_completed_as_well(course, scope, unit) -> None:
    learner = a_learner(course)
    complete(learner, course, 3)
    a_block(course, "video", "new", unit)

    assert found(scope, "block_completed", "is_true", usage_key=str(unit)) == set()


def test_a_unit_that_holds_nothing_any_more_stops_the_refresh_and_is_nobodys(course, scope, unit) -> None:
    CourseBlock.objects.all().delete()
    leaf = Leaf("/all/0", "block_completed", "is_true", {"usage_key": str(unit)})

    with pytest.raises(CriterionFailed, match="unit1 holds nothing to complete"):
        matching.predicate_of(leaf, Asking(scope, NOW))


@pytest.mark.parametrize(
    "key",
    [
        "",
        "x",
        "course-v1:Acme+A1+2026",
        "block-v1:Acme+A1+2026+type@problem+block@gone",
        "block-v1:Acme+A2+2026+type@problem+block@block0",
        "block-v1:Acme+A1+2027+type@problem+block@block0",
        "block-v1:Acme+A1+2026+branch@draft+type@problem+block@block0",
        "i4x://Acme/A2/problem/block0",
        "lb:Acme:lib:problem:x",
        "lib-block-v1:Acme+L+type@problem+block@x",
    ],
)
def test_a_key_that_is_of_no_block_of_the_course_is_refused(course, scope, key) -> None:
    a_course("course-v1:Acme+A2+2026", blocks=1)
    (refused,) = refusals(scope, "block_completed", "is_true", usage_key=key)

    assert refused[0] == "usage_key"
    assert refused[1] in (f"{key!r} is no block of this course.", "It must have 1 or more characters.")


@pytest.fixture
def weeks(course):
    """A week with a graded quiz and a video in it, another week, and what learners are not shown."""
    first = a_block(course, "chapter", "w1", display_name="Week 1")
    quiz = a_block(course, "sequential", "q1", first, display_name="Quiz", graded=True)
    a_block(course, "video", "v1", quiz, display_name="Why")
    a_block(course, "chapter", "w2", display_name="Week 2")
    a_block(course, "sequential", "s1", first, display_name="Secret", graded=True, visible_to_staff_only=True)
    return {"quiz": str(quiz), "week": str(first)}


def suggested(scope, criterion: str, search: str = "") -> list[str]:
    return list(api.suggestions(scope, criterion, key="usage_key", search=search).values())


def test_the_blocks_of_the_course_are_suggested_in_its_order_with_what_they_are_in(scope, weeks) -> None:
    titles = suggested(scope, "block_completed")

    assert titles[-4:] == ["Week 1", "Week 1 / Quiz", "Week 1 / Quiz / Why", "Week 2"]
    assert suggested(scope, "block_completed", "why") == ["Week 1 / Quiz / Why"]


def test_the_graded_subsections_are_suggested_for_grades(scope, weeks) -> None:
    assert api.suggestions(scope, "assignment_grade", key="usage_key") == {weeks["quiz"]: "Week 1 / Quiz"}


def test_without_the_structure_of_courses_nothing_is_suggested_and_keys_are_told(scope, weeks, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "openedx.core.djangoapps.content.block_structure.api", None)

    with pytest.raises(CriterionUnavailable):
        suggested(scope, "block_completed")
    assert sentence(scope, "block_completed", "is_true", usage_key=weeks["week"]) == f"has completed {weeks['week']}"


def test_a_sentence_says_what_a_block_is_called_and_where_it_is(scope, weeks) -> None:
    asked = {"usage_key": weeks["quiz"]}

    assert sentence(scope, "block_completed", "is_true", **asked) == "has completed “Week 1 / Quiz”"
    assert sentence(scope, "assignment_grade", "<", **asked, percent=50) == (
        "the grade of “Week 1 / Quiz” is below 50%"
    )
    assert sentence(scope, "block_completed", "is_false", usage_key="gone") == "has not completed gone"


def test_what_blocks_are_called_is_looked_up_once_for_all_of_a_course(scope, weeks, django_assert_num_queries) -> None:
    asking = Asking(scope, NOW)
    asked = [Leaf("/all/0", "block_completed", "is_true", {"usage_key": key}) for key in weeks.values()]

    with django_assert_num_queries(1):
        matching.look_up((leaf, asking) for leaf in asked)
        assert [matching.description_of(leaf, asking) for leaf in asked] == [
            "has completed “Week 1 / Quiz”",
            "has completed “Week 1”",
        ]


def test_a_unit_with_nothing_to_complete_is_refused(course, scope) -> None:
    unit = a_block(course, "vertical", "empty")
    a_block(course, "problem", "secret", unit, visible_to_staff_only=True)

    assert refusals(scope, "block_completed", "is_true", usage_key=str(unit)) == [
        ("usage_key", "There is nothing in it that every learner can complete.")
    ]


def test_keys_of_old_courses_leave_out_the_run() -> None:
    course = a_course("Acme/A1/2026", blocks=1)
    done, absent = a_learner(course), a_learner(course)
    complete(done, course, 1)
    scope = scope_of_course(course)

    assert found(scope, "block_completed", "is_true", usage_key="i4x://Acme/A1/problem/block0") == {done}
    assert found(scope, "block_completed", "is_false", usage_key="i4x://Acme/A1/problem/block0") == {absent}
    assert len(refusals(scope, "block_completed", "is_true", usage_key="i4x://Acme/A2/problem/block0")) == 1


def test_a_service_without_the_structure_of_courses_can_ask_for_problems_and_not_for_units(
    course, scope, unit, monkeypatch
) -> None:
    monkeypatch.setitem(sys.modules, "openedx.core.djangoapps.content.block_structure.api", None)
    done = a_learner(course)
    complete(done, course, 3)

    assert refusals(scope, "block_completed", "is_true", usage_key=str(unit)) == []
    assert found(scope, "block_completed", "is_true", usage_key=str(blocks_of(course, 1)[0])) == {done}
    with pytest.raises(CriterionUnavailable, match="The structure of courses is not available in this service"):
        found(scope, "block_completed", "is_true", usage_key=str(unit))


def test_the_value_says_whether_it_is_completed(course, scope, unit) -> None:
    part, whole = a_learner(course), a_learner(course)
    complete(part, course, 2)
    complete(whole, course, 3)

    for operator in ("is_true", "is_false"):
        told = values(scope, [part, whole], "block_completed", operator, usage_key=str(unit))
        assert told == {part: False, whole: True}


def test_it_reads_as_a_sentence(scope) -> None:
    key = str(CourseKey.from_string(scope.key).make_usage_key("problem", "p"))

    assert sentence(scope, "block_completed", "is_true", usage_key=key) == f"has completed {key}"
    assert sentence(scope, "block_completed", "is_false", usage_key=key) == f"has not completed {key}"
