"""The groups that the demo shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openedx_user_groups import api
from openedx_user_groups.data import ScopeData
from tests.sandbox.demo.courses import course
from tests.sandbox.demo.people import learner

COURSE = course(0)
OTHER_COURSE = course(1)
PILOT_TESTERS = 12
# Those that the past of the demo is about; see past.py.
AWAY = "Verified and away"
SLOW = "Slow or away"
PASSED = "Passed, no certificate"
NEWLY_VERIFIED = "Newly verified"
TESTERS = "Pilot testers"

Rule = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DemoGroup:
    """A group, by a rule or by a list of user names."""

    scope: ScopeData
    name: str
    description: str
    rule: Rule | None = None
    usernames: tuple[str, ...] = ()


def leaf(criterion: str, operator: str, **config: Any) -> Rule:
    """Return one condition of a rule."""
    return {"criterion": criterion, "operator": operator, "config": config}


def with_track(rule: Mapping[str, Any] | None, mode: str) -> Rule:
    """Return a rule of which all conditions have to be true, with that of an enrollment track before them."""
    return {"all": [leaf("enrollment_mode", "in", modes=[mode]), *(rule or {"all": []})["all"]]}


def demo_groups() -> list[DemoGroup]:
    """Return the groups of the demo, those of the course first."""
    return [*course_groups(), *wider_groups()]


def course_groups() -> list[DemoGroup]:
    """Return the groups of the first course."""
    scope = api.course_scope(COURSE.key)
    away = leaf("last_login", "more_than_days_ago", days=10)
    return [
        DemoGroup(
            scope,
            AWAY,
            "Verified learners who have not logged in for 10 days",
            with_track({"all": [away]}, "verified"),
        ),
        DemoGroup(
            scope,
            SLOW,
            "Progress below 30 percent or no log-in in the last 10 days",
            {"any": [leaf("course_progress", "<", percent=30), away]},
        ),
        DemoGroup(
            scope,
            PASSED,
            "Those who passed and have no certificate",
            {"all": [leaf("course_passed", "is_true"), leaf("certificate", "is_false")]},
        ),
        DemoGroup(
            scope,
            "New this week, abroad",
            "Enrolled this week, from outside the United States and the United Kingdom",
            {"all": [leaf("enrollment_date", "within_days", days=7), leaf("country", "not_in", values=["US", "GB"])]},
        ),
        DemoGroup(
            scope,
            NEWLY_VERIFIED,
            "Verified learners who enrolled within the last 14 days",
            with_track({"all": [leaf("enrollment_date", "within_days", days=14)]}, "verified"),
        ),
        DemoGroup(
            scope,
            TESTERS,
            "Those who try new exercises before all others",
            usernames=("learner", *(learner(number).username for number in range(PILOT_TESTERS - 1))),
        ),
    ]


def wider_groups() -> list[DemoGroup]:
    """Return a group of the organization and a group of the instance."""
    only_first = [
        leaf("enrolled_in_course", "in", course_keys=[str(COURSE.key)]),
        leaf("enrolled_in_course", "not_in", course_keys=[str(OTHER_COURSE.key)]),
    ]
    return [
        DemoGroup(
            api.organization_scope(COURSE.organization),
            "Data science without statistics",
            f"Enrolled in {COURSE.name} but not in {OTHER_COURSE.name}",
            {"all": only_first},
        ),
        DemoGroup(
            api.instance_scope(),
            "Staff who never logged in",
            "Staff of the platform without any log-in",
            {"all": [leaf("staff_status", "is_true"), leaf("last_login", "is_false")]},
        ),
    ]
