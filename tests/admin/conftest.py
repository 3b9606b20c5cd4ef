"""The groups that the tests of the admin look at."""

import pytest

from openedx_user_groups import api
from openedx_user_groups.models import GroupCriterion
from tests.admin.looking import a_superuser, browser
from tests.by_api import VERIFIED, a_group, edited, in_mode, leaf, refreshed
from tests.factories import a_learner

EVIL = "<script>alert('x')</script>"


@pytest.fixture
def ana(course):
    return a_learner(course, "verified", username="ana")


@pytest.fixture
def group(scope, ana):
    """A group with a history, whose texts are not to be trusted."""
    rule = {"any": [*VERIFIED["all"], {"none": [leaf("staff_status", "is_true"), leaf("last_login", "is_false")]}]}
    made = a_group(scope, in_mode("audit"), EVIL, description=EVIL, tags=[EVIL])
    refreshed(made)
    now = edited(made, rule=rule)
    refreshed(now)
    api.request_refresh(now.uuid)
    api.exclude(now.uuid, [ana.pk], reason=EVIL)
    return now


@pytest.fixture
def broken(scope):
    """A group whose plugin is gone."""
    made = a_group(scope, {"all": [leaf("staff_status", "is_true")]}, "Broken")
    GroupCriterion.objects.filter(group__uuid=made.uuid, position=1).update(criterion="acme.gone")
    assert refreshed(made).outcome == "failed"
    return made


@pytest.fixture
def pair(scope):
    """Two groups that exclude each other."""
    collection = api.create_collection(scope, name="Exclusive", rest_name="Everybody else")
    return [a_group(scope, name=name, collection=collection.uuid) for name in ("First", "Second")]


@pytest.fixture
def root():
    """The browser of a superuser."""
    return browser(a_superuser())
