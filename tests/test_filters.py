"""The tab of the instructor dashboard: of the one that is an app, and of the legacy one."""

from html.parser import HTMLParser
from importlib import import_module
from types import SimpleNamespace

import pytest
from crum import impersonate
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.test import Client, override_settings
from django.urls import reverse
from mako.lookup import TemplateLookup
from openedx_filters import PipelineStep
from openedx_filters.learning import filters as learning

from openedx_user_groups import api
from openedx_user_groups.filters import AddInstructorTab, AddLegacySection
from openedx_user_groups.settings.common import FILTER_STEPS, plugin_settings
from tests.by_api import VERIFIED, a_group
from tests.factories import scope_of_organization
from tests.rest_api.campus import Campus
from tests.rest_api.test_permission_matrix import EVERYBODY, MANAGERS

TABS_REQUESTED, RENDER_STARTED = FILTER_STEPS
COHORTS = {"tab_id": "cohorts", "title": "Cohorts", "url": "/cohorts", "sort_order": 90}
OFF = override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=False)
WITHOUT_TAB = override_settings(OPENEDX_USER_GROUPS_INSTRUCTOR_TAB=False)

# Not in every release that this package works with.
TabsRequested = getattr(learning, "InstructorDashboardTabsRequested", None)


class AnotherStep(PipelineStep):
    """Another plugin's."""

    def run_filter(self, tabs, **kwargs):
        return {"tabs": [*tabs, {"tab_id": "reports", "title": "Reports", "url": "/reports", "sort_order": 130}]}


@pytest.fixture
def campus(db):
    return Campus()


@pytest.fixture
def staff(campus):
    client = Client()
    client.force_login(campus.person("staff"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def tabs_of(campus, who="staff", tabs=(COHORTS,)):
    """The tabs after the filter, as the platform runs it."""
    if TabsRequested is None:
        step = AddInstructorTab(TABS_REQUESTED, [])
        return step.run_filter(tabs=list(tabs), user=campus.person(who), course_key=campus.course.id)["tabs"]
    found, _user, _key = TabsRequested.run_filter(tabs=list(tabs), user=campus.person(who), course_key=campus.course.id)
    return found


def sections_of(campus, who="staff", sections=()):
    """The sections of the legacy dashboard after the filter, as the platform runs it in a request of somebody."""
    context = {"course": SimpleNamespace(id=campus.course.id), "sections": list(sections), "studio_url": "/"}
    with impersonate(campus.person(who)):
        found, template = learning.InstructorDashboardRenderStarted.run_filter(context=context, template_name="d.html")
    assert template == "d.html"
    assert found["studio_url"] == "/"
    return found["sections"]


def tab_page(scope):
    return reverse("openedx_user_groups:pages:instructor_tab", args=[scope])


# The tab


def test_the_tab_comes_after_the_platforms_own(campus):
    cohorts, ours = tabs_of(campus)

    assert cohorts == COHORTS
    assert ours == {"tab_id": "user_groups", "title": "Groups", "url": tab_page(campus.scope), "sort_order": 120}


@pytest.mark.parametrize("who", EVERYBODY)
def test_it_is_for_those_who_may_see_the_groups(campus, who):
    assert len(tabs_of(campus, who)) == (2 if who in MANAGERS else 1)


def test_it_is_there_once(campus):
    tabs = tabs_of(campus)

    assert tabs_of(campus, tabs=tabs) == tabs


@OFF
def test_where_groups_are_off_there_is_no_tab(campus):
    assert tabs_of(campus) == [COHORTS]
    assert sections_of(campus) == []


@WITHOUT_TAB
def test_a_setting_takes_the_tab_away(campus):
    assert tabs_of(campus) == [COHORTS]
    assert sections_of(campus) == []


def test_other_steps_go_on(campus):
    pipeline = [f"{__name__}.AnotherStep", FILTER_STEPS[TABS_REQUESTED], f"{__name__}.AnotherStep"]
    if TabsRequested is None:
        pytest.skip("this release of openedx-filters does not have the filter")

    for who, others in (("staff", ["reports", "user_groups", "reports"]), ("learner", ["reports", "reports"])):
        with override_settings(
            OPEN_EDX_FILTERS_CONFIG={TABS_REQUESTED: {"pipeline": pipeline, "fail_silently": False}}
        ):
            assert [tab["tab_id"] for tab in tabs_of(campus, who)] == ["cohorts", *others]


@pytest.mark.parametrize("step", [AddInstructorTab, AddLegacySection])
def test_what_the_filters_may_yet_hand_over_does_no_harm(campus, step):
    known = {"tabs": [COHORTS], "user": AnonymousUser(), "course_key": campus.course.id, "context": {}}

    assert isinstance(step("type", []).run_filter(**known, something_new=1), dict)


def test_its_address_is_whole_for_the_dashboard_has_a_host_of_its_own(campus):
    with override_settings(LMS_ROOT_URL="https://lms.example.com/"):
        assert tabs_of(campus)[-1]["url"] == f"https://lms.example.com{tab_page(campus.scope)}"


def test_a_setting_says_where_it_leads(campus):
    with override_settings(OPENEDX_USER_GROUPS_INSTRUCTOR_TAB_URL="/instructor-dashboard/{course_key}/user_groups"):
        assert tabs_of(campus)[-1]["url"] == f"/instructor-dashboard/{campus.course.id}/user_groups"


# Settings


def applied(**already):
    there = SimpleNamespace(**already)
    plugin_settings(there)
    plugin_settings(there)
    return there


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"pipeline": ["a.Step"], "fail_silently": False, "log_level": "debug"}, ["a.Step"]),
        (["a.Step"], ["a.Step"]),
        ("a.Step", ["a.Step"]),
        ({}, []),
    ],
    ids=str,
)
def test_the_steps_of_others_stay(config, expected):
    given = {TABS_REQUESTED: config, "another.filter": "another.Step"}

    found = applied(OPEN_EDX_FILTERS_CONFIG=given).OPEN_EDX_FILTERS_CONFIG

    assert found["another.filter"] == "another.Step"
    assert found[TABS_REQUESTED]["pipeline"] == [*expected, FILTER_STEPS[TABS_REQUESTED]]
    if isinstance(config, dict):
        assert {**config, "pipeline": None} == {**found[TABS_REQUESTED], "pipeline": None} or not config
    assert given == {TABS_REQUESTED: config, "another.filter": "another.Step"}


def test_every_step_can_be_loaded_where_the_settings_name_it():
    for path in FILTER_STEPS.values():
        module, _dot, name = path.rpartition(".")
        assert issubclass(getattr(import_module(module), name), PipelineStep)


def test_studio_has_no_instructor_dashboard():
    studio = applied(SERVICE_VARIANT="cms")

    assert not hasattr(studio, "OPEN_EDX_FILTERS_CONFIG")
    assert not hasattr(studio, "MAKO_TEMPLATE_DIRS_BASE")


def test_the_folders_of_templates_are_added_to_in_place():
    folders = ["/platform"]

    applied(MAKO_TEMPLATE_DIRS_BASE=folders)

    assert len(folders) == 2


# The section of the legacy dashboard


def rendered(section):
    """The section as the legacy dashboard includes it, by Mako."""
    lookup = TemplateLookup(directories=[str(folder) for folder in settings.MAKO_TEMPLATE_DIRS_BASE])
    lookup.put_string("dashboard.html", f'<%include file="{included(section)}" args="section_data=section"/>')
    return lookup.get_template("dashboard.html").render(section=section)


def included(section):
    return f"{section['template_path_prefix']}{section['section_key']}.html"


def test_the_legacy_dashboard_shows_the_groups_and_leads_to_them(campus):
    a_group(campus.scope, VERIFIED, name="<b>Verified</b>")
    other = {"section_key": "cohorts"}

    others, section = sections_of(campus, sections=[other])
    page = rendered(section)

    assert others == other
    assert "&lt;b&gt;Verified&lt;/b&gt;" in page
    assert "1 group of this course" in page
    assert f'href="{tab_page(campus.scope)}"' in page
    assert "openedx_user_groups/section.css" in section["fragment"].head_html()


def test_it_names_some_groups_and_counts_all(campus):
    for number in range(12):
        a_group(campus.scope, name=f"Group {number:02}")
    api.archive_group(a_group(campus.scope, name="Old").uuid)

    page = rendered(sections_of(campus)[0])

    assert ("Group 09" in page, "Group 10" in page, "Old" in page) == (True, False, False)
    assert "12 groups of this course" in page


def test_without_groups_it_leads_to_making_one(campus):
    assert "Make the first one" in rendered(sections_of(campus)[0])


@pytest.mark.parametrize("who", EVERYBODY)
def test_the_section_is_for_the_same_people(campus, who):
    assert len(sections_of(campus, who)) == (who in MANAGERS)


def test_the_section_is_there_once(campus):
    sections = sections_of(campus)

    assert sections_of(campus, sections=sections) == sections


def test_without_a_course_there_is_no_section(campus):
    with impersonate(campus.person("staff")):
        assert AddLegacySection("type", []).run_filter(context={"sections": []}) == {"context": {"sections": []}}


# The page behind the tab


class Offers(HTMLParser):
    """The links and forms of what a page has in its middle."""

    def __init__(self, page, own_path):
        super().__init__()
        self.own_path, self.is_inside, self.found = own_path, False, set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        # The heading is the first thing after the ways to other places.
        self.is_inside = self.is_inside or tag == "h1"
        if self.is_inside and tag in ("a", "form", "button", "input", "select"):
            kept = {name: attributes[name] for name in ("href", "action", "name", "method") if name in attributes}
            self.found.add((tag, tuple("." if value == self.own_path else value for value in kept.values())))


def test_tab_and_panel_offer_the_same(campus, staff):
    a_group(campus.scope, VERIFIED, name="Verified", tags=["cake"])
    api.archive_group(a_group(campus.scope, name="Old").uuid)
    panel, tab = reverse("openedx_user_groups:pages:scope", args=[campus.scope]), tab_page(campus.scope)

    in_panel = Offers(staff.get(panel).content.decode(), panel).found
    in_tab = Offers(staff.get(tab).content.decode(), tab).found

    switcher = Offers('<h1></h1><form method="get" action="/user_groups/scopes/"></form>', panel).found
    assert in_panel - in_tab == switcher
    assert in_tab - in_panel == set()
    assert len(in_tab) > 10


def test_the_tab_leads_back_to_the_dashboard_and_nowhere_else(campus, staff):
    page = staff.get(tab_page(campus.scope)).content.decode()

    assert f'href="/courses/{campus.course.id}/instructor"' in page
    assert "Switch to another course" not in page


@WITHOUT_TAB
def test_without_the_tab_its_address_leads_to_the_panel(campus, staff):
    response = staff.get(tab_page(campus.scope))

    assert response.status_code == 302
    assert response.url == reverse("openedx_user_groups:pages:scope", args=[campus.scope])


@OFF
@WITHOUT_TAB
def test_nor_is_it_there_where_groups_are_off(campus, staff):
    assert staff.get(tab_page(campus.scope)).status_code == 404


def test_only_courses_have_a_tab(campus):
    client = Client()
    client.force_login(campus.person("global_staff"), backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(tab_page(scope_of_organization())).status_code == 404


def test_the_sandbox_has_a_dashboard_with_the_tab(campus, staff):
    if TabsRequested is None:
        pytest.skip("this release of openedx-filters does not have the filter")

    page = staff.get(f"/courses/{campus.course.id}/instructor").content.decode()

    assert f'<a href="{tab_page(campus.scope)}">Groups</a>' in page
