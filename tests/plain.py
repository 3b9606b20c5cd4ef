"""The answers of the product once more, in plain Python over plain data: what tests compare the database with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from openedx_user_groups.data import COURSE, INSTANCE, ORGANIZATION, ScopeData
from tests.factories import NOW

# How many blocks each course has; where there are none, progress is not known.
COURSES: Mapping[str, int] = {"course-v1:Acme+A1+2026": 7, "course-v1:Acme+A2+2026": 0, "course-v1:Other+B1+2026": 2}
ORGANIZATIONS: Mapping[str, str] = {key: key.removeprefix("course-v1:").split("+")[0] for key in COURSES}
SCOPES = (
    ScopeData(COURSE, "course-v1:Acme+A1+2026"),
    ScopeData(COURSE, "course-v1:Acme+A2+2026"),
    ScopeData(ORGANIZATION, "Acme"),
    ScopeData(INSTANCE),
)


@dataclass(frozen=True)
class Study:
    """What somebody does in one course; the enrollment may have ended while the rest is still there."""

    is_active: bool = True
    mode: str = "audit"
    enrolled: datetime | None = NOW
    percent: float | None = None
    has_passed: bool = False
    certificate: tuple[str, str] | None = None
    done: int = 0
    begun: int = 0


@dataclass(frozen=True)
class Person:
    """An account; ``profile`` is None where there is none."""

    fields: Mapping[str, str] = field(default_factory=dict)
    is_active: bool = True
    is_staff: bool = False
    joined: datetime = NOW
    last_login: datetime | None = None
    is_disabled: bool = False
    is_retired: bool = False
    profile: Mapping[str, str | None] | None = None
    studies: Mapping[str, Study] = field(default_factory=dict)


def belongs(person: Person, scope: ScopeData) -> bool:
    """Whether the person is in the population of a scope."""
    if person.is_disabled or person.is_retired:
        return False
    if scope.type == INSTANCE:
        return person.is_active
    return any(study.is_active for study in _studies(person, scope))


def is_true(rule: Mapping[str, Any], person: Person, scope: ScopeData) -> bool:
    """Whether a rule is true of a person, whether or not they belong to the scope."""
    if "criterion" in rule:
        return _leaf(rule["criterion"], rule["operator"], rule["config"], person, scope)
    [(combine, children)] = rule.items()
    answers = [is_true(child, person, scope) for child in children]
    return {"all": all(answers), "any": any(answers), "none": not any(answers)}[combine]


def fold(text: str) -> str:
    """The text with the 26 capitals of ASCII made small."""
    return "".join(chr(ord(letter) + 32) if "A" <= letter <= "Z" else letter for letter in text)


def _studies(person: Person, scope: ScopeData) -> Iterator[Study]:
    for key, study in person.studies.items():
        if scope.type == INSTANCE or scope.key == (key if scope.type == COURSE else ORGANIZATIONS[key]):
            yield study


OPPOSITES = {
    "not_in": "in",
    "is_not": "is",
    "not_contains": "contains",
    "is_false": "is_true",
    "is_empty": "is_not_empty",
    "more_than_days_ago": "within_days",
}


def _leaf(criterion: str, operator: str, config: Any, person: Person, scope: ScopeData) -> bool:
    if operator in OPPOSITES:
        return not _leaf(criterion, OPPOSITES[operator], config, person, scope)
    if criterion == "enrolled_in_course":
        return any(key in person.studies and person.studies[key].is_active for key in config["course_keys"])
    if criterion == "last_login" and operator == "is_true":
        return person.last_login is not None
    studies = list(_studies(person, scope))
    active = [study for study in studies if study.is_active]
    profile = person.profile or {}
    match criterion:
        case "enrollment_mode":
            return any(_listed(study.mode, config["modes"]) for study in active)
        case "enrollment_date":
            return any(_instant(operator, study.enrolled, config) for study in active)
        case "last_login":
            return _instant(operator, person.last_login, config)
        case "date_joined":
            return _instant(operator, person.joined, config)
        case "course_progress":
            return _progress(operator, studies, config, COURSES[scope.key])
        case "course_grade":
            grades = [study.percent for study in studies if study.percent is not None]
            return any(_number(operator, Fraction(str(percent)), config) for percent in grades)
        case "course_passed":
            return any(study.has_passed and study.percent is not None for study in studies)
        case "certificate":
            valid = [mode for mode, status in (s.certificate for s in studies if s.certificate) if _valid(status)]
            return any(_listed(mode, config["modes"]) for mode in valid) if "modes" in config else bool(valid)
        case "country" | "level_of_education" | "gender":
            return _listed(profile.get(criterion) or "", config["values"])
        case "user_field":
            text = person.fields.get(config["field"]) or profile.get(config["field"]) or ""
            return text_is(operator, text, config.get("value", ""))
        case "email_domain":
            return any(fold(person.fields["email"]).endswith("@" + fold(domain)) for domain in config["domains"])
        case "staff_status":
            return person.is_staff
    raise AssertionError(f"There is no plain answer for {criterion}.")


def _valid(status: str) -> bool:
    return status == "downloadable"


def _listed(text: str, values: list[str]) -> bool:
    return fold(text) in [fold(value) for value in values]


def text_is(operator: str, text: str, value: str) -> bool:
    """Whether a text passes an operator."""
    text, value = fold(text), fold(value)
    match operator:
        case "is":
            return text == value
        case "contains":
            return value in text
        case "starts_with":
            return text.startswith(value)
        case "ends_with":
            return text.endswith(value)
        case "is_not_empty":
            return text != ""
    raise AssertionError(operator)


def _instant(operator: str, instant: datetime | None, config: Any) -> bool:
    if instant is None:
        return False
    if operator == "within_days":
        return NOW - instant <= timedelta(days=config["days"])
    date = datetime.fromisoformat(config["date"])
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return instant < date if operator == "before" else instant >= date


def _progress(operator: str, studies: list[Study], config: Any, blocks: int) -> bool:
    if not blocks:
        return False
    return _number(operator, Fraction(100 * sum(study.done for study in studies), blocks), config)


def _number(operator: str, number: Fraction, config: Any) -> bool:
    limit = config["percent"]
    if operator == "between":
        return Fraction(str(limit[0])) <= number <= Fraction(str(limit[1]))
    limit = Fraction(str(limit))
    return {"<": number < limit, "<=": number <= limit, ">": number > limit, ">=": number >= limit}[operator]
