"""What learners can complete in a course."""

import pytest
from xblock.completable import XBlockCompletionMode
from xblock.core import XBlock

from openedx_user_groups.population.course_structure import blocks_to_complete, completable_blocks, has_block
from tests.factories import NOW, a_block, a_course, blocks_of, put_into

pytestmark = pytest.mark.django_db


class Poll(XBlock):
    completion_mode = XBlockCompletionMode.EXCLUDED


class Tabs(XBlock):
    completion_mode = XBlockCompletionMode.AGGREGATOR
    has_children = True


@pytest.fixture
def course():
    return a_course(blocks=3)


@pytest.fixture
def unit(course):
    unit = a_block(course, "vertical", "unit1", a_block(course, "sequential", "lesson1"))
    put_into(unit, *blocks_of(course, 2))
    return unit


def test_a_block_that_can_be_completed_is_its_own_and_needs_no_structure(course, django_assert_num_queries) -> None:
    problem = blocks_of(course, 1)[0]
    with django_assert_num_queries(0):
        assert blocks_to_complete(course.id, problem) == [problem]
        # A type that this service has no class of.
        gone = course.id.make_usage_key("acme_exercise", "gone")
        assert blocks_to_complete(course.id, gone) == [gone]


@XBlock.register_temp_plugin(Poll, "poll")
@XBlock.register_temp_plugin(Tabs, "tabs")
def test_the_class_of_a_block_says_whether_it_is_completed_or_holds_what_is(course, unit) -> None:
    tabs, poll = a_block(course, "tabs", "t", unit), a_block(course, "poll", "p", unit)
    inner = a_block(course, "video", "v", tabs)

    assert set(blocks_to_complete(course.id, unit)) == {*blocks_of(course, 2), inner}
    assert blocks_to_complete(course.id, tabs) == [inner]
    assert blocks_to_complete(course.id, poll) == []
    assert completable_blocks(course.id, NOW) == 4


@pytest.mark.parametrize("kind", ["itembank", "library_content", "split_test", "conditional", "randomize"])
def test_what_is_shown_to_some_learners_only_need_not_be_completed(course, unit, kind) -> None:
    chooser = a_block(course, kind, "c", unit)
    a_block(course, "problem", "one", a_block(course, "vertical", "choice", chooser))

    assert set(blocks_to_complete(course.id, unit)) == set(blocks_of(course, 2))
    assert blocks_to_complete(course.id, chooser) == []


def test_what_is_within_something_hidden_is_hidden(course) -> None:
    section = a_block(course, "chapter", "week1")
    hidden = a_block(course, "sequential", "later", section, visible_to_staff_only=True)
    put_into(a_block(course, "vertical", "unit1", hidden), *blocks_of(course, 2))
    put_into(section, blocks_of(course, 3)[2])

    assert blocks_to_complete(course.id, section) == blocks_of(course, 3)[2:]
    assert completable_blocks(course.id, NOW) == 1


def test_what_the_course_does_not_have_holds_nothing(course, unit) -> None:
    other = a_course("course-v1:Acme+A2+2026", blocks=1)

    assert has_block(course.id, unit)
    assert not has_block(other.id, unit)
    assert blocks_to_complete(other.id, unit) == []
    assert blocks_to_complete(course.id, course.id.make_usage_key("vertical", "gone")) == []
