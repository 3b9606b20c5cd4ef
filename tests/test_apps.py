"""The app as a plugin of the LMS and of Studio."""

from importlib import import_module
from importlib.metadata import entry_points
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.test import modify_settings
from django.urls import resolve, reverse
from edx_django_utils.plugins import get_plugin_apps

from openedx_user_groups import api
from openedx_user_groups.apps import OpenedxUserGroupsConfig
from openedx_user_groups.exceptions import InvalidRule
from openedx_user_groups.settings.common import DEFAULTS
from tests.by_api import VERIFIED, a_group, leaf, member_ids, refreshed
from tests.factories import a_course, a_learner, scope_of_course

PROJECTS = ("lms.djangoapp", "cms.djangoapp")
ENVIRONMENTS = ("common", "production", "devstack", "test")


@pytest.mark.parametrize("project", PROJECTS)
def test_the_platform_finds_it_by_an_entry_point(project):
    found = [each.load() for each in entry_points(group=project) if each.name == "openedx_user_groups"]

    assert found == [OpenedxUserGroupsConfig]
    assert any("openedx_user_groups" in app for app in get_plugin_apps(project))


@pytest.mark.parametrize("project", PROJECTS)
def test_it_has_addresses_and_settings_for_every_environment(project):
    urls = OpenedxUserGroupsConfig.plugin_app["url_config"][project]
    settings = OpenedxUserGroupsConfig.plugin_app["settings_config"][project]

    assert urls["regex"] == {"lms.djangoapp": "^", "cms.djangoapp": "^api/user_group/v1/"}[project]
    assert import_module(f"openedx_user_groups.{urls['relative_path']}").urlpatterns
    assert set(settings) == set(ENVIRONMENTS)
    for config in settings.values():
        assert callable(import_module(f"openedx_user_groups.{config['relative_path']}").plugin_settings)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_settings_can_be_applied_any_number_of_times(environment):
    plugin_settings = import_module(f"openedx_user_groups.settings.{environment}").plugin_settings
    settings = SimpleNamespace()

    plugin_settings(settings)
    once = dict(vars(settings))
    plugin_settings(settings)

    assert vars(settings) == once
    assert set(once) >= set(DEFAULTS)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_an_operator_has_set_stays(environment):
    plugin_settings = import_module(f"openedx_user_groups.settings.{environment}").plugin_settings
    settings = SimpleNamespace(OPENEDX_USER_GROUPS_QUEUE="mine", OPENEDX_USER_GROUPS_LEASE_SECONDS=1)

    plugin_settings(settings)

    assert (settings.OPENEDX_USER_GROUPS_QUEUE, settings.OPENEDX_USER_GROUPS_LEASE_SECONDS) == ("mine", 1)


def test_addresses_are_below_the_prefix():
    address = reverse("openedx_user_groups:criterion-types")

    assert address == "/api/user_group/v1/criterion_types/"
    assert resolve(address).namespace == "openedx_user_groups"


def test_keys_are_big_and_the_criteria_are_there():
    assert apps.get_app_config("openedx_user_groups").default_auto_field == "django.db.models.BigAutoField"
    assert len(api.criterion_types()) >= 15


@pytest.mark.django_db
def test_where_an_app_of_the_platform_is_missing_its_criteria_are_unavailable_and_nothing_crashes():
    course = a_course()
    scope = scope_of_course(course)
    ana = a_learner(course, "verified")
    rule = {"any": [leaf("certificate", "is_true"), *VERIFIED["all"]]}
    group, sound = a_group(scope, rule), a_group(scope, VERIFIED)
    refreshed(group)

    with modify_settings(INSTALLED_APPS={"remove": ["lms.djangoapps.certificates", "lms.djangoapps.grades"]}):
        unavailable = {each.name: each.unavailable for each in api.criterion_types() if each.unavailable}
        assert set(unavailable) == {"assignment_grade", "certificate", "course_grade", "course_passed"}
        assert "certificates.GeneratedCertificate" in unavailable["certificate"]
        with pytest.raises(InvalidRule, match=r"/all/0/criterion: .*not installed in this service"):
            api.create_group(scope, name="New", rule={"all": [leaf("certificate", "is_true")]})
        assert api.get_group(group.uuid).rule == rule
        assert refreshed(group).outcome == "failed"
        assert refreshed(sound).outcome == "done"

    assert member_ids(group) == {ana.pk}
    assert refreshed(group).outcome == "nothing"


@pytest.mark.django_db
def test_without_the_tables_of_accounts_everybody_counts_who_is_enrolled():
    course = a_course()
    group = a_group(scope_of_course(course), VERIFIED)
    ana = a_learner(course, "verified")

    with modify_settings(INSTALLED_APPS={"remove": ["openedx.core.djangoapps.user_api"]}):
        refreshed(group)

    assert member_ids(group) == {ana.pk}
