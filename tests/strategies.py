"""Random people and random rules, made so that they often meet: both draw from the same few values and instants."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from openedx_user_groups.data import COURSE, INSTANCE, ORGANIZATION, ScopeData
from tests.factories import NOW
from tests.plain import COURSES, ORGANIZATIONS, Person, Study

MODES = ("audit", "verified", "Honor", "no-id-professional")
STATUSES = ("downloadable", "notpassing", "unavailable")
COUNTRIES = ("DE", "fr", "", None)
EDUCATION = ("p", "hs", "", None)
GENDERS = ("f", "m", "o", "", None)
DOMAINS = ("example.com", "Students.Example.com", "exämple.com", "other.org")
TEXTS = (
    "",
    "a",
    "A",
    "É",
    "é",
    "e",
    "ß",
    "ss",
    "100%",
    "_",
    "O'Brien",
    'say "hi"',
    "back\\slash",
    "Ana ",
    " ana",
    "🎓",
)
ACCOUNT_FIELDS = ("username", "email", "first_name", "last_name")
PROFILE_FIELDS = ("name", "city", "goals")

# Whole days before NOW, and a microsecond to either side of them: the instants at which answers change.
instants = st.builds(
    lambda days, microseconds: NOW - timedelta(days=days, microseconds=microseconds),
    st.integers(-1, 12),
    st.sampled_from((0, 0, -1, 1)),
)
percents = st.one_of(st.integers(0, 100), st.sampled_from((0, 14.3, 28.5, 29, 29.0, 57.1, 99.9, 100)))
texts = st.sampled_from(TEXTS)


def _optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


studies = st.builds(
    Study,
    is_active=st.sampled_from((True, True, False)),
    mode=st.sampled_from(MODES),
    enrolled=_optional(instants),
    percent=_optional(percents),
    has_passed=st.booleans(),
    certificate=_optional(st.tuples(st.sampled_from(MODES), st.sampled_from(STATUSES))),
    done=st.integers(0, 7),
    begun=st.integers(0, 1),
) | st.builds(Study)

emails = st.one_of(st.just(""), st.builds(lambda name, domain: f"{name}@{domain}", texts, st.sampled_from(DOMAINS)))
profiles = st.fixed_dictionaries(
    {
        "name": texts,
        "city": _optional(texts),
        "goals": _optional(texts),
        "country": st.sampled_from(COUNTRIES),
        "level_of_education": st.sampled_from(EDUCATION),
        "gender": st.sampled_from(GENDERS),
    }
)
_seldom = st.sampled_from((False,) * 5 + (True,))
people = st.builds(
    Person,
    fields=st.fixed_dictionaries({"username": texts, "email": emails, "first_name": texts, "last_name": texts}),
    is_active=st.sampled_from((True, True, False)),
    is_staff=st.booleans(),
    joined=instants,
    last_login=_optional(instants),
    is_disabled=_seldom,
    is_retired=_seldom,
    profile=_optional(profiles),
    studies=st.dictionaries(st.sampled_from(tuple(COURSES)), studies),
)
crowds = st.lists(people, min_size=4, max_size=16)


def _some(values: Any) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from([value for value in values if value]), min_size=1, max_size=3, unique=True)


def _config(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(parts)


_days = _config(days=st.integers(0, 12))
_written = st.sampled_from(("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f+00:00", "%Y-%m-%dT%H:%M:%SZ"))
_date = _config(date=st.builds(lambda instant, written: instant.strftime(written), instants, _written))
_limit = _config(percent=percents)
_limits = _config(percent=st.lists(percents, min_size=2, max_size=2).map(sorted))
_field = st.sampled_from(ACCOUNT_FIELDS + PROFILE_FIELDS)
_value = _config(field=_field, value=texts.filter(bool))
_facts = dict.fromkeys(("is_true", "is_false"), st.just({}))
_numbers = dict.fromkeys(("<", "<=", ">", ">="), _limit) | {"between": _limits}
_instants = {"more_than_days_ago": _days, "within_days": _days, "before": _date, "on_or_after": _date}
_certificates = st.one_of(st.just({}), _config(modes=_some(MODES)))


def _list(name: str, values: Any) -> dict[str, st.SearchStrategy[Any]]:
    return dict.fromkeys(("in", "not_in"), _config(**{name: _some(values)}))


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
    "user_field": {
        **dict.fromkeys(("is", "is_not", "contains", "not_contains", "starts_with", "ends_with"), _value),
        **dict.fromkeys(("is_empty", "is_not_empty"), _config(field=_field)),
    },
    "email_domain": _list("domains", (*DOMAINS, "EXAMPLE.COM", "com")),
    "staff_status": _facts,
}
SCOPES_OF = {
    "enrollment_mode": (COURSE, ORGANIZATION),
    "enrolled_in_course": (ORGANIZATION, INSTANCE),
    "certificate": (COURSE, ORGANIZATION),
    **dict.fromkeys(("enrollment_date", "course_progress", "course_grade", "course_passed"), (COURSE,)),
}


@st.composite
def configs_of(draw: st.DrawFn, name: str, operator: str, scope: ScopeData) -> dict[str, Any]:
    """A config of a criterion that is valid in a scope."""
    config = draw(CONFIGS[name][operator])
    if name == "enrolled_in_course" and scope.type == ORGANIZATION:
        inside = [key for key in config["course_keys"] if ORGANIZATIONS[key] == scope.key]
        config = {"course_keys": inside or ["course-v1:Acme+A2+2026"]}
    return config


def criteria_in(scope: ScopeData) -> list[str]:
    """The names of the criteria that can be used in a scope."""
    return [name for name in CONFIGS if scope.type in SCOPES_OF.get(name, (COURSE, ORGANIZATION, INSTANCE))]


@st.composite
def leaves(draw: st.DrawFn, scope: ScopeData) -> dict[str, Any]:
    """A criterion with operator and config, as JSON."""
    name = draw(st.sampled_from(criteria_in(scope)))
    operator = draw(st.sampled_from(sorted(CONFIGS[name])))
    config = draw(configs_of(name, operator, scope))
    return {"criterion": name, "operator": operator, "config": config}


@st.composite
def rules(draw: st.DrawFn, scope: ScopeData, depth: int = 1) -> dict[str, Any]:
    """A rule of at most five levels and 36 criteria, as JSON."""
    combine = draw(st.sampled_from(("all", "any", "none")))
    child = leaves(scope)
    if depth < 4:
        child = st.one_of(child, rules(scope, depth + 1))
    return {combine: draw(st.lists(child, min_size=1, max_size=3 if depth < 3 else 2))}
