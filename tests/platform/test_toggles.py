"""The switch: the course decides, else its organization, else the flag, else the setting; in a worker, too."""

import crum
import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory, modify_settings, override_settings
from edx_django_utils.cache import RequestCache
from waffle import get_waffle_flag_model
from waffle.testutils import override_flag

from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel, WaffleFlagOrgOverrideModel
from openedx_user_groups.platform.toggles import NAME, is_enabled
from tests.factories import a_course, scope_of_course, scope_of_instance, scope_of_organization

pytestmark = pytest.mark.django_db

OFF_BY_DEFAULT = override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=False)
WITHOUT_THE_PLATFORMS_FLAG = modify_settings(
    INSTALLED_APPS={"remove": ["openedx.core.djangoapps.waffle_utils"]},
)


@pytest.fixture(params=["worker", "request"])
def caller(request):
    """A worker has no request."""
    RequestCache.clear_all_namespaces()
    if request.param == "request":
        web = RequestFactory().get("/")
        web.user = AnonymousUser()
        crum.set_current_request(web)
    yield request.param
    crum.set_current_request(None)
    RequestCache.clear_all_namespaces()


@pytest.fixture(params=["models", "settings"])
def override(request):
    """Says on or off for a course or an organization: in the platform's models, or without those in the settings."""
    said = {"courses": {}, "orgs": {}}

    def in_models(kind, key, on):
        choice = {"waffle_flag": NAME, "override_choice": "on" if on else "off", "enabled": True}
        if kind == "courses":
            WaffleFlagCourseOverrideModel.objects.create(course_id=key, **choice)
        else:
            WaffleFlagOrgOverrideModel.objects.create(org=key, **choice)

    if request.param == "models":
        yield in_models
        return
    with WITHOUT_THE_PLATFORMS_FLAG, override_settings(OPENEDX_USER_GROUPS_FLAG_OVERRIDES=said):
        yield lambda kind, key, on: said[kind].__setitem__(key, on)


@pytest.mark.usefixtures("caller")
@OFF_BY_DEFAULT
def test_it_is_off_by_default():
    assert not any(map(is_enabled, (scope_of_course(a_course()), scope_of_organization(), scope_of_instance())))


@pytest.mark.usefixtures("caller")
def test_a_setting_turns_it_on_by_default():
    with override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=True):
        assert all(map(is_enabled, (scope_of_course(a_course()), scope_of_organization(), scope_of_instance())))


@pytest.mark.usefixtures("caller")
@OFF_BY_DEFAULT
def test_the_flag_turns_it_on_for_everyone():
    with override_flag(NAME, active=True):
        assert all(map(is_enabled, (scope_of_course(a_course()), scope_of_organization(), scope_of_instance())))


@pytest.mark.usefixtures("caller")
@pytest.mark.parametrize("default", [True, False])
def test_the_flag_turns_it_off_whatever_the_default(default):
    with override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=default), override_flag(NAME, active=False):
        assert not is_enabled(scope_of_instance())
        assert not is_enabled(scope_of_organization())


@pytest.mark.usefixtures("caller")
@pytest.mark.parametrize("default", [True, False])
@pytest.mark.parametrize("flag", [True, False])
@pytest.mark.parametrize("on", [True, False])
def test_an_organization_overrides_flag_and_default_for_itself_and_its_courses(override, default, flag, on):
    course, other = a_course(), a_course("course-v1:Other+A1+2026")
    override("orgs", "Acme", on)

    with override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=default), override_flag(NAME, active=flag):
        assert is_enabled(scope_of_organization()) is on
        assert is_enabled(scope_of_course(course)) is on
        assert is_enabled(scope_of_course(other)) is flag
        assert is_enabled(scope_of_instance()) is flag


@pytest.mark.usefixtures("caller")
@pytest.mark.parametrize("default", [True, False])
@pytest.mark.parametrize("on", [True, False])
def test_a_course_overrides_its_organization(override, default, on):
    course, other = a_course(), a_course("course-v1:Acme+A2+2026")
    override("orgs", "Acme", not on)
    override("courses", str(course.id), on)

    with override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=default):
        assert is_enabled(scope_of_course(course)) is on
        assert is_enabled(scope_of_course(other)) is not on
        assert is_enabled(scope_of_organization()) is not on


@pytest.mark.usefixtures("caller")
@OFF_BY_DEFAULT
def test_an_override_that_was_taken_back_says_nothing():
    course = a_course()
    for enabled in (True, False):
        WaffleFlagCourseOverrideModel.objects.create(
            waffle_flag=NAME, course_id=course.id, override_choice="on", enabled=enabled
        )

    assert not is_enabled(scope_of_course(course))


@OFF_BY_DEFAULT
def test_without_a_request_a_flag_for_some_people_is_off(caplog):
    get_waffle_flag_model().objects.create(name=NAME, superusers=True, percent=99.9)
    with override_flag(NAME, active=None):
        assert not is_enabled(scope_of_instance())
    assert not caplog.records
