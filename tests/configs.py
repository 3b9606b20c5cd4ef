"""Random configs of every criterion that comes with the package."""

from typing import Any

from hypothesis import strategies as st

from openedx_user_groups.data import COURSE, INSTANCE, ORGANIZATION, ScopeData
from tests.drawn import (
    ACCOUNT_FIELDS,
    CUSTOM_FIELD,
    DOMAINS,
    GENDERS,
    GROUP_TEXTS,
    MODES,
    PROFILE_FIELDS,
    PROVIDERS,
    ROLES,
    SEEDS,
    TEXTS,
    instants,
    percents,
    texts,
)
from tests.plain_people import CONTENTS, COURSES, GROUPS, ORGANIZATIONS, is_inside


def _some(values: Any) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from([value for value in values if value]), min_size=1, max_size=3, unique=True)


def _config(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(parts)


_days = _config(days=st.integers(0, 12))
_written = st.sampled_from(("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f+00:00", "%Y-%m-%dT%H:%M:%SZ"))
_date = _config(date=st.builds(lambda instant, written: instant.strftime(written), instants, _written))
_limit = _config(percent=percents)
_limits = _config(percent=st.lists(percents, min_size=2, max_size=2).map(sorted))
_facts = dict.fromkeys(("is_true", "is_false"), st.just({}))
_numbers = dict.fromkeys(("<", "<=", ">", ">="), _limit) | {"between": _limits}
_instants = {"more_than_days_ago": _days, "within_days": _days, "before": _date, "on_or_after": _date}
_ages = st.integers(0, 150) | st.sampled_from((17, 18, 19))
_years = _config(years=_ages)
_custom = st.sampled_from((CUSTOM_FIELD, CUSTOM_FIELD, "dep", "DÉP", "session_id"))
_custom_values = st.sampled_from([*filter(bool, TEXTS), "7", "1.5", "TRUE", "[]", '["a", {"b": "É"}]', "null", "NaN"])
_share = st.lists(percents, min_size=2, max_size=2, unique_by=float).map(sorted)
_certificates = st.one_of(st.just({}), _config(modes=_some(MODES)))


def _list(name: str, values: Any) -> dict[str, st.SearchStrategy[Any]]:
    return dict.fromkeys(("in", "not_in"), _config(**{name: _some(values)}))


def _texts(field: st.SearchStrategy[str], value: st.SearchStrategy[str]) -> dict[str, st.SearchStrategy[Any]]:
    compare = ("is", "is_not", "contains", "not_contains", "starts_with", "ends_with")
    return {
        **dict.fromkeys(compare, _config(field=field, value=value)),
        **dict.fromkeys(("is_empty", "is_not_empty"), _config(field=field)),
    }


# Every built-in criterion, every operator, and configs of it.
CONFIGS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "enrollment_mode": _list("modes", (*MODES, "AUDIT", "audit ")),
    "enrollment_date": _instants,
    "enrolled_in_course": _list("course_keys", COURSES),
    "last_login": _instants | _facts,
    "date_joined": _instants,
    "course_progress": _numbers,
    "course_grade": _numbers,
    "course_passed": _facts,
    "certificate": dict.fromkeys(("is_true", "is_false"), _certificates),
    "country": _list("values", ("DE", "de", "FR", "us")),
    "level_of_education": _list("values", ("P", "hs", "none")),
    "gender": _list("values", GENDERS),
    "age": dict.fromkeys(("<", "<=", ">", ">="), _years)
    | {"between": _config(years=st.lists(_ages, min_size=2, max_size=2).map(sorted))},
    "language": _list("values", ("EN", "es-419", "es")),
    "user_field": _texts(st.sampled_from(ACCOUNT_FIELDS + PROFILE_FIELDS), texts.filter(bool)),
    "custom_profile_field": _texts(_custom, _custom_values)
    | dict.fromkeys(
        ("in", "not_in"), _config(field=_custom, values=st.lists(_custom_values, min_size=1, max_size=3, unique=True))
    ),
    "authentication_method": _list("providers", (*PROVIDERS, "password", "GOOGLE-oauth2")),
    "random_share": {"between": _config(percent=_share, seed=st.sampled_from(SEEDS))},
    "group_field": _texts(st.sampled_from(("name", "scope", "tag")), st.sampled_from(GROUP_TEXTS)),
    # These name what there is in the scope; see configs_of().
    "group_member": dict.fromkeys(("in", "all_of", "not_in"), st.just({})),
    "block_completed": _facts,
    "assignment_grade": _numbers,
    "course_activity": dict.fromkeys(("more_than_days_ago", "within_days"), _days),
    "email_domain": _list("domains", (*DOMAINS, "EXAMPLE.COM", "com")),
    "staff_status": _facts,
    "course_role": _list("roles", (*ROLES, "Instructor", "beta_testers")),
}
SCOPES_OF = {
    "enrollment_mode": (COURSE, ORGANIZATION),
    "enrolled_in_course": (ORGANIZATION, INSTANCE),
    "certificate": (COURSE, ORGANIZATION),
    **dict.fromkeys(("enrollment_date", "course_progress", "course_grade", "course_passed"), (COURSE,)),
    **dict.fromkeys(("block_completed", "assignment_grade", "course_activity"), (COURSE,)),
}


@st.composite
def configs_of(draw: st.DrawFn, name: str, operator: str, scope: ScopeData) -> dict[str, Any]:
    """A config of a criterion that is valid in a scope."""
    config = draw(CONFIGS[name][operator])
    if name == "enrolled_in_course" and scope.type == ORGANIZATION:
        inside = [key for key in config["course_keys"] if ORGANIZATIONS[key] == scope.key]
        config = {"course_keys": inside or ["course-v1:Acme+A2+2026"]}
    if name == "group_member":
        named = [group for group in GROUPS if is_inside(group.scope, scope)]
        config = {"groups": draw(_some([str(uuid) for group in named for uuid in (group.uuid, group.others)]))}
    if name == "block_completed":
        kind, block = draw(st.sampled_from(sorted(CONTENTS[scope.key])))
        config = {"usage_key": str(scope.course_key.make_usage_key(kind, block))}
    if name == "assignment_grade":
        config = config | {"usage_key": str(scope.course_key.make_usage_key("sequential", "homework"))}
    return config


def criteria_in(scope: ScopeData) -> list[str]:
    """The names of the criteria that can be used in a scope."""
    return [name for name in CONFIGS if scope.type in SCOPES_OF.get(name, (COURSE, ORGANIZATION, INSTANCE))]
