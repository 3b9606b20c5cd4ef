"""groups/{uuid}/draft/: what a changed rule would do, before it does it."""

import pytest

from openedx_user_groups import api
from tests.by_api import VERIFIED, a_group, in_mode, member_ids, refreshed
from tests.factories import a_learner
from tests.rest_api.campus import address


@pytest.fixture
def group(campus):
    a_learner(campus.course, "verified", username="ana")
    a_learner(campus.course, "audit", username="ben")
    made = a_group(campus.scope, VERIFIED)
    refreshed(made)
    return made


def change(client, group, **body):
    return client.patch(address("group", group.uuid), body, format="json")


def test_a_changed_rule_is_looked_at_and_then_activated(staff, group):
    draft = change(staff, group, revision=1, rule=in_mode("audit")).json()
    assert (draft["draft_revision"], draft["would_hold"], draft["rule"]) == (2, 1, VERIFIED)

    effect = staff.get(address("draft", group.uuid)).json()
    assert effect == {"revision": 2, "joining": 1, "leaving": 1, "would_hold": 1, "others": []}
    for of, name in (("joining", "ben"), ("leaving", "ana")):
        page = staff.get(address("draft-people", group.uuid), {"of": of}).json()
        assert [row["username"] for row in page["results"]] == [name]

    now = change(staff, group, revision=effect["revision"], status="active").json()
    assert (now["revision"], now["draft_revision"], now["rule"]) == (2, None, in_mode("audit"))


def test_nobody_changes_a_rule_and_activates_it_unseen(staff, group):
    response = change(staff, group, revision=1, rule=in_mode("audit"), status="active")

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"/status"}
    assert api.get_group(group.uuid).draft_revision is None


@pytest.mark.parametrize("away", ["paused", "archived"])
def test_a_group_goes_on_by_what_is_in_force_or_by_the_draft_as_the_number_says(staff, group, away):
    change(staff, group, revision=1, rule=in_mode("audit"))
    change(staff, group, revision=2, status=away)

    now = change(staff, group, revision=1, status="active").json()
    assert (now["status"], now["revision"], now["draft_revision"], now["rule"]) == ("active", 1, 2, VERIFIED)

    # Of an active group it says nothing, and of the draft nothing was looked at.
    assert change(staff, group, revision=1, status="active").status_code == 409
    change(staff, group, revision=2, status=away)
    now = change(staff, group, revision=2, status="active").json()
    assert (now["revision"], now["draft_revision"], now["rule"]) == (2, None, in_mode("audit"))


def test_it_is_discarded(staff, group):
    change(staff, group, revision=1, rule=in_mode("audit"))

    assert staff.delete(address("draft", group.uuid)).status_code == 204
    assert staff.delete(address("draft", group.uuid)).status_code == 409
    assert staff.get(address("draft", group.uuid)).status_code == 409
    assert staff.get(address("draft-people", group.uuid), {"of": "joining"}).status_code == 409
    assert len(member_ids(group)) == 1


def test_options_are_set_and_refused_by_name(staff, group):
    now = change(staff, group, revision=1, refresh_every=600, method="schedule").json()
    assert (now["refresh_every"], now["method"], now["draft_revision"]) == (600, "schedule", None)

    response = change(staff, group, revision=2, refresh_every=1, removal_limit=500, update_mode="x")

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"/refresh_every", "/removal_limit", "/update_mode"}
