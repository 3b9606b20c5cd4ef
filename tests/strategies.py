"""Random people and random rules, made so that they often meet: both draw from the same few values and instants."""

from typing import Any

from hypothesis import strategies as st

from openedx_user_groups.data import ScopeData
from tests.configs import CONFIGS, configs_of, criteria_in
from tests.drawn import (
    COUNTRIES,
    DOMAINS,
    EDUCATION,
    GENDERS,
    LANGUAGES,
    METAS,
    MODES,
    PROVIDERS,
    ROLES,
    STATUSES,
    instants,
    percents,
    texts,
)
from tests.factories import Homework
from tests.plain_people import COURSES, GROUPS, Person, Study

__all__ = ["CONFIGS", "configs_of", "criteria_in", "crowds", "leaves", "people", "rules"]


def _optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


# 0.29 of 1 and 2.9 of 10 are 29 percent, whatever floating-point numbers make of it.
_points = st.sampled_from(((0, 1), (0.29, 1), (2.9, 10), (29, 100), (1, 3), (57.1, 100), (7, 7), (1.1, 0), (0, 0)))
homework = st.builds(
    lambda points, attempted, corrected: Homework(*points, attempted, corrected),
    _points,
    st.booleans(),
    st.sampled_from((None, None, 0, 0.57)),
)
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
    touched=instants,
    worked=_optional(instants),
    homework=_optional(homework),
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
        "year_of_birth": st.sampled_from((None, 2006, 2007, 2008, 1, 9999, -5)) | st.integers(1870, 2030),
        "meta": st.sampled_from(METAS),
    }
)
# In how many ways somebody can be in groups: in one of two tutorials at most.
_tutorial = st.none() | st.sampled_from((0, 1))
groups = st.builds(
    lambda tutorial, others, origins: dict(zip(sorted({tutorial, *others} - {None}), origins, strict=False)),
    _tutorial,
    st.sets(st.integers(2, len(GROUPS) - 1), max_size=3),
    st.lists(st.sampled_from(("rule", "manual")), min_size=4, max_size=4),
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
    roles=st.dictionaries(st.sampled_from((*COURSES, "ACME", "Other", "")), st.sampled_from(ROLES), max_size=3),
    language=st.sampled_from(LANGUAGES),
    providers=st.lists(st.sampled_from(PROVIDERS), max_size=2, unique=True).map(tuple),
    groups=groups,
)
crowds = st.lists(people, min_size=4, max_size=16)


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
