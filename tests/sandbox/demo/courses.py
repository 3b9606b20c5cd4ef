"""The courses of the seed: two of one organization, any further ones of another."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from opaque_keys.edx.keys import CourseKey, UsageKey

CHAPTERS = 4
UNITS_PER_CHAPTER = 5
UNIT_TYPES = ("video", "html", "problem")
UNIT_NAMES = {"video": "Video", "html": "Reading", "problem": "Exercise"}
STARTED_DAYS_AGO = 90
ENDS_IN_DAYS = 180


@dataclass(frozen=True, slots=True)
class Course:
    """A course run, and its place in the seed."""

    number: int
    key: CourseKey
    name: str
    organization: str


@cache
def course(number: int) -> Course:
    """Return the course of the seed with this number, counted from 0."""
    if number == 0:
        return _course(number, "DemoX", "DS101", "Data Science for Everyone")
    if number == 1:
        return _course(number, "DemoX", "STAT200", "Statistics in Practice")
    return _course(number, "OtherU", f"ART{number - 1}", f"Drawing and Painting {number - 1}")


def _course(number: int, organization: str, code: str, name: str) -> Course:
    return Course(number, CourseKey.from_string(f"course-v1:{organization}+{code}+2026"), name, organization)


ORGANIZATION_NAMES = {"DemoX": "Demonstration University", "OtherU": "The Other University"}


@cache
def units(course_key: CourseKey) -> tuple[UsageKey, ...]:
    """Return the blocks that a learner can complete, in the order of the course."""
    count = CHAPTERS * UNITS_PER_CHAPTER
    return tuple(course_key.make_usage_key(UNIT_TYPES[n % len(UNIT_TYPES)], f"unit{n + 1:02}") for n in range(count))


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a course, what holds it, and what its author calls it."""

    key: UsageKey
    parent: UsageKey | None
    name: str
    graded: bool = False


def blocks(course_key: CourseKey) -> Iterator[Block]:
    """Return every block of the course in its order: weeks with a graded assignment each, which holds the rest."""
    root = course_key.make_usage_key("course", "course")
    yield Block(root, None, "")
    for week in range(CHAPTERS):
        chapter = course_key.make_usage_key("chapter", f"chapter{week + 1}")
        assignment = course_key.make_usage_key("sequential", f"assignment{week + 1}")
        yield Block(chapter, root, f"Week {week + 1}")
        yield Block(assignment, chapter, f"Assignment {week + 1}", graded=True)
        for n in range(week * UNITS_PER_CHAPTER, (week + 1) * UNITS_PER_CHAPTER):
            unit = units(course_key)[n]
            yield Block(unit, assignment, f"{UNIT_NAMES[unit.block_type]} {n + 1}")
