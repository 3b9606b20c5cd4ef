"""groups/{uuid}/refreshes/: asked for, listed, watched."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import Max
from django.test import override_settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from openedx_user_groups import api
from openedx_user_groups.criteria.registry import temporarily
from openedx_user_groups.models import GroupCollection, RefreshRun
from openedx_user_groups.tasks import refresh_collection
from tests.by_api import VERIFIED, Raises, a_group, leaf, member_ids, refreshed, row_of
from tests.factories import a_learner
from tests.rest_api.campus import address

RUN = {
    "uuid",
    "status",
    "causes",
    "requested_by",
    "revision",
    "total",
    "done",
    "matched",
    "joined",
    "left",
    "lost_claims",
    "error",
    "requested",
    "started",
    "finished",
    "decision",
    "decided_by",
    "decided_at",
}


@pytest.fixture
def group(campus):
    a_learner(campus.course, "verified", username="ana")
    return a_group(campus.scope, VERIFIED)


def ask(client, group):
    return client.post(address("refreshes", group.uuid))


def test_it_waits_for_a_worker_and_can_be_watched(staff, group, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as sent:
        response = ask(staff, group)

    assert response.status_code == 202
    waiting = response.json()
    assert set(waiting) == RUN
    assert (waiting["status"], waiting["started"], waiting["total"]) == ("waiting", None, None)
    assert waiting["requested_by"] == "staff"
    assert response["Location"] == f"http://testserver{address('refresh', group.uuid, waiting['uuid'])}"

    (work,) = sent
    work()

    done = staff.get(response["Location"]).json()
    assert (done["status"], done["matched"], done["joined"], done["left"]) == ("done", 1, 1, 0)
    assert (done["done"], done["total"], done["requested_by"]) == (1, 1, "staff")
    assert done["started"]
    assert done["finished"]
    assert len(member_ids(group)) == 1


def test_asked_for_twice_it_is_one(staff, group):
    first, second = ask(staff, group), ask(staff, group)

    assert second.status_code == 202
    assert first.json()["uuid"] == second.json()["uuid"]
    assert staff.get(address("refreshes", group.uuid)).json()["count"] == 1


def test_without_a_broker_it_waits(staff, group, monkeypatch, django_capture_on_commit_callbacks):
    def unreachable(*_args, **_options):
        raise OperationalError("connection refused")

    monkeypatch.setattr(refresh_collection, "apply_async", unreachable)
    with django_capture_on_commit_callbacks(execute=True):
        response = ask(staff, group)

    assert response.status_code == 202
    assert staff.get(response["Location"]).json()["status"] == "waiting"


def test_they_are_listed_newest_first(campus, staff, group):
    for number in range(3):
        a_learner(campus.course, "verified", username=f"learner{number}")
        refreshed(group)

    page = staff.get(address("refreshes", group.uuid), {"page_size": 2}).json()

    assert (page["count"], len(page["results"])) == (3, 2)
    requested = [run["requested"] for run in page["results"]]
    assert requested == sorted(requested, reverse=True)
    assert page["results"][0]["status"] == "done"
    assert staff.get(page["next"]).json()["results"][0]["joined"] == 2


def test_they_are_narrowed_by_what_became_of_them(campus, staff, group):
    refreshed(group)
    ask(staff, group)
    failed, running = (a_run(group, started=timezone.now()) for _ in range(2))
    GroupCollection.objects.update(lease_token=running.lease_token, lease_expires=timezone.now() + timedelta(hours=1))
    every = staff.get(address("refreshes", group.uuid)).json()["results"]
    assert Counter(run["status"] for run in every) == {"done": 1, "waiting": 1, "failed": 1, "running": 1}

    for status in ("waiting", "running", "done", "nothing", "held", "failed", "superseded"):
        listed = staff.get(address("refreshes", group.uuid), {"status": status}).json()["results"]
        assert listed == [run for run in every if run["status"] == status]
    # A lease that nobody has any more, or never had.
    for expires in (timezone.now() - timedelta(hours=1), None):
        GroupCollection.objects.update(lease_expires=expires)
        assert staff.get(address("refreshes", group.uuid), {"status": "failed"}).json()["count"] == 2
        assert staff.get(address("refreshes", group.uuid), {"status": ["running", "done"]}).json()["count"] == 1
    assert staff.get(address("refreshes", group.uuid), {"status": "gone"}).status_code == 400
    assert str(failed.uuid) in {run["uuid"] for run in every if run["status"] == "failed"}


def a_run(group, **fields):
    """One that has begun; each with a token of its own."""
    row = row_of(group)
    highest = RefreshRun.objects.aggregate(n=Max("lease_token"))["n"]
    return RefreshRun.objects.create(
        group=row,
        collection=row.collection,
        revision=1,
        lease_token=highest + 1,
        requested=timezone.now(),
        **fields,
    )


def test_it_says_how_many_claims_it_lost_and_what_asked_for_it(campus, staff, group):
    first = a_group(campus.scope, VERIFIED, collection=api.create_collection(campus.scope, name="Tracks").uuid)
    second = a_group(campus.scope, VERIFIED, collection=first.collection_uuid)
    refreshed(second, cause="events")

    (run,) = staff.get(address("refreshes", second.uuid)).json()["results"]

    assert (run["matched"], run["joined"], run["lost_claims"], run["causes"]) == (1, 0, 1, ["events"])


def test_a_run_that_failed_says_why(campus, staff):
    with temporarily(test__raises=Raises):
        group = a_group(campus.scope, {"all": [leaf("test.raises", "in")]})
        refreshed(group)
        (run,) = staff.get(address("refreshes", group.uuid)).json()["results"]

    assert run["status"] == "failed"
    assert "divides by zero" in run["error"]
    assert staff.get(address("group", group.uuid)).json()["health"] == "broken"


def test_a_group_that_is_not_refreshed_is_a_conflict(campus, staff, group):
    api.pause_group(group.uuid)

    assert ask(staff, group).status_code == 409
    assert ask(staff, a_group(campus.scope)).status_code == 409


@override_settings(SERVICE_VARIANT="cms")
def test_a_service_that_does_not_refresh_says_so(staff, group):
    response = ask(staff, group)

    assert response.status_code == 409
    assert "SERVICE_VARIANTS" in response.json()["detail"]


def test_a_run_is_found_in_its_group_only(campus, staff, group):
    refreshed(group)
    run = staff.get(address("refreshes", group.uuid)).json()["results"][0]["uuid"]

    assert staff.get(address("refresh", a_group(campus.scope).uuid, run)).status_code == 404
    for uuid in (uuid4(), "nonsense", "1", "\0"):
        assert staff.get(address("refresh", group.uuid, uuid)).status_code == 404
