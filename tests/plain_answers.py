"""What each criterion answers about one person, in plain Python."""

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from opaque_keys.edx.keys import UsageKey

from openedx_user_groups.criteria.builtin.random_share import PRIME, order
from openedx_user_groups.data import COURSE, INSTANCE, ScopeData
from tests.factories import NOW
from tests.plain_people import (
    CONTENTS,
    COURSES,
    GROUPS,
    ORGANIZATIONS,
    Person,
    Study,
    belongs,
    fold,
    groups_of,
    is_inside,
    studies_in,
)

OPPOSITES = {
    "not_in": "in",
    "is_not": "is",
    "not_contains": "contains",
    "is_false": "is_true",
    "is_empty": "is_not_empty",
    "more_than_days_ago": "within_days",
}


def answer(criterion: str, operator: str, config: Any, person: Person, scope: ScopeData) -> bool:
    """Whether a criterion is true of a person."""
    if operator in OPPOSITES:
        return not answer(criterion, OPPOSITES[operator], config, person, scope)
    studies = list(studies_in(person, scope))
    if criterion in ABOUT_STUDIES:
        return ABOUT_STUDIES[criterion](operator, config, studies, scope)
    return ABOUT_PEOPLE[criterion](operator, config, person, scope)


def _enrollment_mode(_operator: str, config: Any, studies: list[Study], _scope: ScopeData) -> bool:
    return any(_listed(study.mode, config["modes"]) for study in studies if study.is_active)


def _enrollment_date(operator: str, config: Any, studies: list[Study], _scope: ScopeData) -> bool:
    return any(_instant(operator, study.enrolled, config) for study in studies if study.is_active)


def _course_activity(operator: str, config: Any, studies: list[Study], _scope: ScopeData) -> bool:
    instants = [study.worked for study in studies] + [study.touched for study in studies if study.done + study.begun]
    return any(_instant(operator, instant, config) for instant in instants)


def _course_progress(operator: str, config: Any, studies: list[Study], scope: ScopeData) -> bool:
    blocks = COURSES[scope.key]
    done = 100 * sum(study.done for study in studies)
    return bool(blocks) and _number(operator, Fraction(done, blocks), config["percent"])


def _block_completed(_operator: str, config: Any, studies: list[Study], scope: ScopeData) -> bool:
    key = UsageKey.from_string(config["usage_key"])
    needed = CONTENTS[scope.key][key.block_type, key.block_id]
    return any(needed <= set(range(study.done)) for study in studies)


def _course_grade(operator: str, config: Any, studies: list[Study], _scope: ScopeData) -> bool:
    grades = [study.percent for study in studies if study.percent is not None]
    return any(_number(operator, Fraction(str(percent)), config["percent"]) for percent in grades)


def _assignment_grade(operator: str, config: Any, studies: list[Study], _scope: ScopeData) -> bool:
    for study in studies:
        work = study.homework
        if work is not None and work.possible and (work.attempted or work.corrected is not None):
            earned = work.earned if work.corrected is None else work.corrected
            percent = 100 * Fraction(str(earned)) / Fraction(str(work.possible))
            return _number(operator, percent, config["percent"])
    return False


def _course_passed(_operator: str, _config: Any, studies: list[Study], _scope: ScopeData) -> bool:
    return any(study.has_passed and study.percent is not None for study in studies)


def _certificate(_operator: str, config: Any, studies: list[Study], _scope: ScopeData) -> bool:
    given = [study.certificate for study in studies if study.certificate]
    valid = [mode for mode, status in given if status == "downloadable"]
    return any(_listed(mode, config["modes"]) for mode in valid) if "modes" in config else bool(valid)


def _enrolled_in_course(_operator: str, config: Any, person: Person, _scope: ScopeData) -> bool:
    return any(key in person.studies and person.studies[key].is_active for key in config["course_keys"])


def _last_login(operator: str, config: Any, person: Person, _scope: ScopeData) -> bool:
    return person.last_login is not None if operator == "is_true" else _instant(operator, person.last_login, config)


def _date_joined(operator: str, config: Any, person: Person, _scope: ScopeData) -> bool:
    return _instant(operator, person.joined, config)


def _country(_operator: str, config: Any, person: Person, _scope: ScopeData) -> bool:
    return _listed((person.profile or {}).get("country") or "", config["values"])


def _level_of_education(_operator: str, config: Any, person: Person, _scope: ScopeData) -> bool:
    return _listed((person.profile or {}).get("level_of_education") or "", config["values"])


def _gender(_operator: str, config: Any, person: Person, _scope: ScopeData) -> bool:
    return _listed((person.profile or {}).get("gender") or "", config["values"])


def _age(operator: str, config: Any, person: Person, _scope: ScopeData) -> bool:
    born = (person.profile or {}).get("year_of_birth")
    return born is not None and _number(operator, Fraction(NOW.year - born - 1), config["years"])


def _language(_operator: str, config: Any, person: Person, _scope: ScopeData) -> bool:
    return _listed(person.language or "", config["values"])


def _user_field(operator: str, config: Any, person: Person, _scope: ScopeData) -> bool:
    text = person.fields.get(config["field"]) or (person.profile or {}).get(config["field"]) or ""
    return text_is(operator, text, config.get("value", ""))


def _custom_profile_field(operator: str, config: Any, person: Person, _scope: ScopeData) -> bool:
    try:
        fields = json.loads((person.profile or {}).get("meta", ""))
    except (ValueError, RecursionError):
        fields = None
    value = fields.get(config["field"]) if isinstance(fields, dict) else None
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    if operator == "in":
        return _listed(text, config["values"])
    return text_is(operator, text, config.get("value", ""))


def _email_domain(_operator: str, config: Any, person: Person, _scope: ScopeData) -> bool:
    return any(fold(person.fields["email"]).endswith("@" + fold(domain)) for domain in config["domains"])


def _staff_status(_operator: str, _config: Any, person: Person, _scope: ScopeData) -> bool:
    return person.is_staff


def _authentication_method(_operator: str, config: Any, person: Person, _scope: ScopeData) -> bool:
    return any(_listed(provider, config["providers"]) for provider in person.providers or ("password",))


def _course_role(_operator: str, config: Any, person: Person, scope: ScopeData) -> bool:
    return any(_listed(role, config["roles"]) for place, role in person.roles.items() if _counts(place, scope))


def _counts(place: str, scope: ScopeData) -> bool:
    organization = ORGANIZATIONS.get(place, place)
    if scope.type == COURSE:
        return place == scope.key or fold(place) == fold(ORGANIZATIONS[scope.key])
    return scope.type == INSTANCE or fold(organization) == fold(scope.key)


def _group_member(operator: str, config: Any, person: Person, _scope: ScopeData) -> bool:
    answers = [_is_in(UUID(uuid), person) for uuid in config["groups"]]
    return all(answers) if operator == "all_of" else any(answers)


def _is_in(uuid: UUID, person: Person) -> bool:
    own = groups_of(person)
    if any(group.uuid == uuid for group in GROUPS):
        return any(group.uuid == uuid for group in own)
    (scope,) = {group.scope for group in GROUPS if group.others == uuid}
    return belongs(person, scope) and all(group.others != uuid for group in own)


def _group_field(operator: str, config: Any, person: Person, scope: ScopeData) -> bool:
    for group in groups_of(person):
        texts = {"name": (group.name,), "scope": (group.scope.key,), "tag": group.tags}[config["field"]]
        if is_inside(group.scope, scope) and any(text_is(operator, text, config.get("value", "")) for text in texts):
            return True
    return False


def _random_share(_operator: str, config: Any, person: Person, _scope: ScopeData) -> bool:
    factor, shift = order(config["seed"])
    place = Fraction((factor * person.pk + shift) % PRIME * 100, PRIME)
    first, end = (Fraction(str(percent)) for percent in config["percent"])
    return first <= place < end


ABOUT_STUDIES = {
    "assignment_grade": _assignment_grade,
    "block_completed": _block_completed,
    "certificate": _certificate,
    "course_activity": _course_activity,
    "course_grade": _course_grade,
    "course_passed": _course_passed,
    "course_progress": _course_progress,
    "enrollment_date": _enrollment_date,
    "enrollment_mode": _enrollment_mode,
}
ABOUT_PEOPLE = {
    "age": _age,
    "authentication_method": _authentication_method,
    "country": _country,
    "course_role": _course_role,
    "custom_profile_field": _custom_profile_field,
    "date_joined": _date_joined,
    "email_domain": _email_domain,
    "enrolled_in_course": _enrolled_in_course,
    "gender": _gender,
    "group_field": _group_field,
    "group_member": _group_member,
    "language": _language,
    "last_login": _last_login,
    "level_of_education": _level_of_education,
    "random_share": _random_share,
    "staff_status": _staff_status,
    "user_field": _user_field,
}


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


def _number(operator: str, number: Fraction, limit: Any) -> bool:
    if operator == "between":
        return Fraction(str(limit[0])) <= number <= Fraction(str(limit[1]))
    limit = Fraction(str(limit))
    return {"<": number < limit, "<=": number <= limit, ">": number > limit, ">=": number >= limit}[operator]
