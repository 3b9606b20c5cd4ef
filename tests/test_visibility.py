"""Visibility: the scopes that lists show, by permission and by flag, in a number of queries that does not grow."""

import itertools

import pytest
from django.test import modify_settings, override_settings
from waffle.testutils import override_flag

from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel, WaffleFlagOrgOverrideModel
from openedx_user_groups.data import ScopeData
from openedx_user_groups.models import Scope
from openedx_user_groups.permissions import Person
from openedx_user_groups.platform.toggles import NAME, is_enabled
from openedx_user_groups.visibility import visible_scopes
from tests.by_api import statements
from tests.factories import a_user

pytestmark = pytest.mark.django_db

ORGANIZATIONS = ("Acme", "Other")
SCOPES = [
    ScopeData("instance"),
    *(ScopeData("organization", name) for name in ORGANIZATIONS),
    *(ScopeData("course", f"course-v1:{name}+C{number}+2026") for name in ORGANIZATIONS for number in range(3)),
]


@pytest.fixture
def admin():
    for scope in SCOPES:
        Scope.objects.create(type=scope.type, key=scope.key)
    return Person(a_user(is_staff=True))


def visible(person):
    return [row.data for row in visible_scopes(person)]


def say(model, *, on, enabled=True, **where):
    model.objects.create(waffle_flag=NAME, override_choice="on" if on else "off", enabled=enabled, **where)


def some_are_overridden():
    """Courses and organizations forced on and off, in all ways there are; some overrides were taken back."""
    for scope, choice in zip(SCOPES[3:], itertools.cycle(["on", "off", "back"]), strict=False):
        say(WaffleFlagCourseOverrideModel, on=choice == "on", course_id=scope.key)
        if choice == "back":
            say(WaffleFlagCourseOverrideModel, on=True, enabled=False, course_id=scope.key)
    say(WaffleFlagOrgOverrideModel, on=False, org="Acme")
    say(WaffleFlagOrgOverrideModel, on=True, org="Acme")


@pytest.mark.parametrize("default", [True, False])
@pytest.mark.parametrize("flag", [True, False])
def test_it_says_of_all_scopes_what_the_flag_says_of_each(admin, default, flag):
    some_are_overridden()

    with override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=default), override_flag(NAME, active=flag):
        assert visible(admin) == [scope for scope in SCOPES if is_enabled(scope)]
        assert 0 < len(visible(admin)) < len(SCOPES)


def test_it_says_so_where_the_settings_override_the_flag(admin):
    overrides = {"courses": {SCOPES[3].key: True, SCOPES[-1].key: False}, "orgs": {"Acme": False}}
    without_models = modify_settings(INSTALLED_APPS={"remove": ["openedx.core.djangoapps.waffle_utils"]})

    with without_models, override_settings(OPENEDX_USER_GROUPS_FLAG_OVERRIDES=overrides):
        assert visible(admin) == [scope for scope in SCOPES if is_enabled(scope)]
        assert 0 < len(visible(admin)) < len(SCOPES)


def test_the_queries_do_not_grow_with_scopes_and_overrides(admin):
    with statements() as few:
        visible(admin)
    for number in range(30):
        Scope.objects.create(type="course", key=f"course-v1:Many+C{number}+2026")
    some_are_overridden()
    with statements() as many:
        visible(admin)

    assert len(many) <= len(few)


def test_who_may_see_nothing_costs_no_look_at_the_flags():
    with statements() as sent:
        assert visible(Person(a_user())) == []

    assert not any("waffle" in sql for sql in sent)
