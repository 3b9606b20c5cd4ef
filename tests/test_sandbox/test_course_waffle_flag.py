"""The platform's flag: the course decides, else the organization, else the flag."""

import pytest
from edx_django_utils.cache import RequestCache
from opaque_keys.edx.keys import CourseKey
from waffle.testutils import override_flag

from openedx.core.djangoapps.waffle_utils import CourseWaffleFlag
from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel, WaffleFlagOrgOverrideModel

pytestmark = pytest.mark.django_db

NAME = "sandbox.flag"
FLAG = CourseWaffleFlag(NAME, module_name=__name__)
COURSE = CourseKey.from_string("course-v1:DemoX+DS101+2026")


def force_course(choice, *, enabled=True):
    WaffleFlagCourseOverrideModel.objects.create(
        waffle_flag=NAME, course_id=COURSE, override_choice=choice, enabled=enabled
    )


def force_org(choice):
    WaffleFlagOrgOverrideModel.objects.create(waffle_flag=NAME, org="DemoX", override_choice=choice, enabled=True)


@pytest.fixture(autouse=True)
def new_request():
    RequestCache.clear_all_namespaces()


def test_it_is_off_by_default():
    assert not FLAG.is_enabled(COURSE)
    assert not FLAG.is_enabled()


def test_the_flag_counts_where_nothing_overrides_it():
    with override_flag(NAME, active=True):
        assert FLAG.is_enabled(COURSE)
        assert FLAG.is_enabled_for_org("DemoX")


def test_the_organization_overrides_the_flag():
    force_org("off")
    with override_flag(NAME, active=True):
        assert not FLAG.is_enabled(COURSE)
        assert not FLAG.is_enabled_for_org("DemoX")
        assert FLAG.is_enabled_for_org("OtherU")


def test_the_course_overrides_its_organization():
    force_org("off")
    force_course("on")

    assert FLAG.is_enabled(COURSE)
    assert not FLAG.is_enabled()


def test_the_newest_override_counts():
    force_course("on")
    force_course("off")

    assert WaffleFlagCourseOverrideModel.override_value(NAME, COURSE) == "off"


def test_an_override_is_taken_back_by_one_that_is_not_enabled():
    force_course("on")
    force_course("on", enabled=False)

    assert WaffleFlagCourseOverrideModel.override_value(NAME, COURSE) == "unset"
    assert not FLAG.is_enabled(COURSE)
