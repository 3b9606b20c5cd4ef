"""Templates: rules for common cases, as somebody begins with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from ..criteria import registry
from ..data import COURSE, INSTANCE, ORGANIZATION, RuleTemplateData, ScopeData
from ..exceptions import UnknownCriterion
from ..models import UserGroup
from ..naming import name_key
from ..rules.tree import from_json, leaves

Rule = dict[str, Any]


def _asks(criterion: str, operator: str, **config: Any) -> Rule:
    return {"criterion": criterion, "operator": operator, "config": config}


# Of one title; whoever has more groups of that name than this has a better one in mind.
MAX_NAMES = 50
NOT_PASSED = _asks("course_passed", "is_false")
BEHIND: Rule = {"any": [_asks("course_grade", "<", percent=50), _asks("course_progress", "<", percent=20)]}


def _of_courses() -> list[RuleTemplateData]:
    def template(name: str, title: str, description: str, rule: Rule) -> RuleTemplateData:
        return RuleTemplateData(name, title, description, (COURSE,), rule)

    return [
        template(
            "inactive_learners",
            _("Inactive learners"),
            _("Nothing done in the course for two weeks, and not passed yet."),
            {"all": [_asks("course_activity", "more_than_days_ago", days=14), NOT_PASSED]},
        ),
        template(
            "at_risk",
            _("At risk"),
            _("A low grade or little progress, away for a week, and not passed yet."),
            {"all": [BEHIND, _asks("course_activity", "more_than_days_ago", days=7), NOT_PASSED]},
        ),
        template(
            "passed_without_certificate",
            _("Passed without certificate"),
            _("The course is passed, and there is no certificate to download."),
            {"all": [_asks("course_passed", "is_true"), _asks("certificate", "is_false")]},
        ),
        template(
            "new_this_week",
            _("New this week"),
            _("Enrolled within the last seven days."),
            {"all": [_asks("enrollment_date", "within_days", days=7)]},
        ),
        template(
            "almost_passing",
            _("Almost passing"),
            _("A grade just below what it takes to pass; adjust the numbers to your course."),
            {"all": [_asks("course_grade", "between", percent=[40, 60]), NOT_PASSED]},
        ),
    ]


def _beyond_courses() -> list[RuleTemplateData]:
    def template(name: str, title: str, description: str, rule: Rule) -> RuleTemplateData:
        return RuleTemplateData(name, title, description, (ORGANIZATION, INSTANCE), rule)

    return [
        template(
            "away",
            _("Away for a month"),
            _("Not logged in for thirty days, or never."),
            {"all": [_asks("last_login", "more_than_days_ago", days=30)]},
        ),
        template(
            "new_accounts",
            _("New accounts"),
            _("Registered within the last seven days."),
            {"all": [_asks("date_joined", "within_days", days=7)]},
        ),
    ]


def usable() -> list[RuleTemplateData]:
    """The templates of which everything can be asked in this service."""
    return [each for each in (*_of_courses(), *_beyond_courses()) if _is_usable(each)]


def _is_usable(template: RuleTemplateData) -> bool:
    try:
        asked = {registry.get(leaf.criterion) for leaf in leaves(from_json(template.rule))}
    except UnknownCriterion:
        return False
    return not any(registry.why_unavailable(criterion) for criterion in asked)


def free_names(scope: ScopeData, titles: Iterable[str]) -> dict[str, str]:
    """For a group made from each template: its title, or the first of "title 2", "title 3", ... not taken yet."""
    wanted = {title: [title, *(f"{title} {number}" for number in range(2, MAX_NAMES))] for title in titles}
    keys = {name: name_key(name) for names in wanted.values() for name in names}
    groups = UserGroup.objects.filter(scope__type=scope.type, scope__key=scope.key, name_key__in=keys.values())
    taken = set(groups.values_list("name_key", flat=True))
    return {title: next((name for name in names if keys[name] not in taken), title) for title, names in wanted.items()}
