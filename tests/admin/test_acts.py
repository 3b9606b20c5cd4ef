"""Acts on groups in the admin: through the API, by its rules, in the name of whoever acts."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import override_settings

from openedx_user_groups import api
from openedx_user_groups.admin import acts
from openedx_user_groups.models import RefreshRun, UserGroup
from tests.admin.looking import browser, messages, page, staff, stored
from tests.by_api import VERIFIED, a_group, member_ids, row_of
from tests.factories import a_learner

pytestmark = pytest.mark.django_db

ACTS = ("refresh", "activate", "pause", "archive", "undo")


@pytest.fixture
def operator():
    return staff("change_usergroup")


@pytest.fixture
def act(operator, django_capture_on_commit_callbacks):
    """Does something to groups as the operator; returns what the page says of it."""
    client = browser(operator)

    def do(name, *groups):
        selected = [row_of(group).pk for group in groups]
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(
                page("usergroup"), {"action": name, "_selected_action": selected, "index": "0"}, follow=True
            )
        assert response.status_code == 200
        return messages(response)

    return do


def test_a_refresh_is_requested_of_each_group(act, course, scope):
    first, second = a_group(scope, VERIFIED, "First"), a_group(scope, VERIFIED, "Second")
    ana = a_learner(course, "verified")

    said = act("refresh", first, second)

    assert said == ["First: A refresh was requested.", "Second: A refresh was requested."]
    assert member_ids(first) == member_ids(second) == {ana.pk}
    assert [(run.causes, run.outcome) for run in RefreshRun.objects.all()] == [(["admin"], "done")] * 2


@pytest.mark.parametrize(("name", "status"), [("pause", "paused"), ("archive", "archived"), ("activate", "active")])
def test_the_status_changes_in_the_name_of_whoever_acts(act, operator, scope, name, status):
    group = a_group(scope, VERIFIED, "Group")
    if name == "activate":
        api.pause_group(group.uuid)

    said = act(name, group)

    assert said == [f"Group: The group is {status}."]
    row = row_of(group)
    assert (row.status, row.modified_by) == (status, operator)
    (entry,) = LogEntry.objects.all()
    assert (entry.user, entry.object_id, entry.get_change_message()) == (
        operator,
        str(row.pk),
        f"The group is {status}.",
    )


def test_what_one_group_does_not_allow_is_said_and_the_others_go_on(act, scope):
    draft = api.create_group(scope, name="Draft", rule=VERIFIED)
    active, static = a_group(scope, VERIFIED, "Active"), a_group(scope, name="Static")
    deleted = a_group(scope, VERIFIED, "Deleted")
    api.delete_group(deleted.uuid)

    assert act("pause", draft, active, deleted) == [
        "Active: The group is paused.",
        "Deleted: The group is deleted.",
        "Draft: A group that is draft cannot become paused.",
    ]
    assert act("refresh", static) == ["Static: The group is not refreshed: it is not active, or it has no rule."]
    assert [row_of(each).status for each in (draft, active, deleted)] == ["draft", "paused", "deleted"]
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("off", "why"),
    [
        ({"OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT": False}, "User groups are switched off in this scope"),
        ({"SERVICE_VARIANT": "cms"}, "Groups are not refreshed in this service"),
    ],
)
def test_where_groups_are_not_refreshed_the_page_says_why(act, scope, off, why):
    group = a_group(scope, VERIFIED, "Group")

    with override_settings(**off):
        (said,) = act("refresh", group)

    assert said.startswith(f"Group: {why}")
    assert not RefreshRun.objects.exists()


def test_the_list_offers_the_acts_to_whoever_may_change_groups(scope, operator):
    a_group(scope, VERIFIED)

    shown = browser(operator).get(page("usergroup")).content.decode()

    assert all(f'value="{name}"' in shown for name in ACTS)
    assert "delete_selected" not in shown


@pytest.mark.parametrize(("permission", "status"), [("view_usergroup", 200), ("change_refreshrun", 403)])
@pytest.mark.parametrize("name", ACTS)
def test_whoever_may_not_change_groups_can_only_look(scope, permission, status, name):
    group = a_group(scope, VERIFIED)
    before = stored()
    client = browser(staff(permission))

    response = client.post(
        page("usergroup"), {"action": name, "_selected_action": [row_of(group).pk], "index": "0"}, follow=True
    )

    assert response.status_code == status
    assert b'name="action"' not in response.content
    assert stored() == before
    assert not LogEntry.objects.exists()


def test_too_many_at_a_time_are_refused(act, scope, monkeypatch):
    groups = [a_group(scope, VERIFIED) for _ in range(3)]
    monkeypatch.setattr(acts, "AT_A_TIME", 2)

    assert act("archive", *groups) == ["Nothing was done: select at most 2 at a time."]
    assert set(UserGroup.objects.values_list("status", flat=True)) == {"active"}
