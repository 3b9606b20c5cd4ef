"""What stands around the pages: who one is, the way out, and the way back to the instructor dashboard."""

import pytest
from django.urls import reverse

from openedx_user_groups import api
from tests.by_api import VERIFIED, a_group
from tests.sandbox.urls import urlpatterns

OUT = "Log out</a>"
DASHBOARD = "Back to the instructor dashboard"


def page(client, name, *args):
    return client.get(reverse(f"openedx_user_groups:pages:{name}", args=args)).content.decode()


def test_one_sees_who_one_is_and_can_log_out(staff):
    shown = page(staff, "panel")

    assert "Signed in as <strong>staff</strong>" in shown
    assert f'<a href="{reverse("logout")}">{OUT}' in shown


def test_where_the_platform_names_no_way_out_none_is_shown(staff, settings):
    settings.ROOT_URLCONF = tuple(each for each in urlpatterns if getattr(each, "name", "") != "logout")

    assert OUT not in page(staff, "panel")


def test_browsers_look_for_no_icon(staff):
    assert '<link rel="icon" href="data:,">' in page(staff, "panel")


@pytest.mark.parametrize("name", ["scope", "instructor_tab", "new", "new_rule", "collections", "add_to_groups"])
def test_from_all_of_a_course_a_way_leads_back_to_its_dashboard(campus, staff, name):
    shown = page(staff, name, campus.scope)

    assert f'href="{reverse("instructor_dashboard", args=[campus.course.id])}">{DASHBOARD}' in shown


@pytest.mark.parametrize("name", ["group", "members", "add", "history", "rule", "settings"])
def test_from_a_group_as_well(campus, staff, name):
    group = a_group(campus.scope, VERIFIED, acting_user=campus.person("staff"))

    assert DASHBOARD in page(staff, name, group.uuid)


def test_no_way_leads_there_where_it_has_no_tab(campus, staff, settings):
    settings.OPENEDX_USER_GROUPS_INSTRUCTOR_TAB = False

    assert DASHBOARD not in page(staff, "scope", campus.scope)


def test_groups_of_the_platform_belong_to_no_dashboard(visitor):
    shown = page(visitor("superuser"), "scope", api.instance_scope())

    assert "The whole platform" in shown
    assert DASHBOARD not in shown
