"""The schema that is shipped for openedx-authz; and a service that does not have openedx-authz."""

from importlib.metadata import entry_points
from importlib.resources import files

import pytest
from django.test import modify_settings

from openedx_user_groups.platform import authz
from tests.criteria.asking import found
from tests.factories import a_course, a_learner, has_role, scope_of_course


def test_openedx_authz_finds_the_schema_by_its_entry_point() -> None:
    (ours,) = (point for point in entry_points(group="authz.schema") if point.name == "openedx_user_groups")

    for directory in ours.load()():
        package, _slash, path = directory.partition("/")
        assert [file.name for file in files(package).joinpath(path).iterdir() if file.name.endswith(".yaml")]


@pytest.fixture
def _without_authz():
    with modify_settings(INSTALLED_APPS={"remove": "openedx_authz.apps.OpenedxAuthzConfig"}):
        yield


@pytest.mark.django_db
@pytest.mark.usefixtures("_without_authz")
def test_without_openedx_authz_roles_are_those_of_the_platform_by_their_own_names() -> None:
    assert not authz.is_installed()
    assert authz.same_roles(["Staff"]) == {"staff"}
    course = a_course()
    staff = a_learner(course)
    has_role(staff, "staff", course)

    assert found(scope_of_course(course), "course_role", "in", roles=["staff"]) == {staff}
    assert found(scope_of_course(course), "course_role", "in", roles=["course_staff"]) == set()
