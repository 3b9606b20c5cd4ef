"""The pages of groups: their rule, history, members, freshness; and those of what belongs to them."""

import re
from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from openedx_user_groups import api
from openedx_user_groups.admin import members, runs
from openedx_user_groups.models import GroupCollection, RefreshRun, Revision, UserGroup
from openedx_user_groups.refresh import lease
from tests.admin.looking import page
from tests.by_api import VERIFIED, a_group, leaf, many_learners, refreshed, row_of, statements
from tests.factories import a_learner, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(root):
    """Opens a page and returns it as text."""

    def show(*address, query=""):
        response = root.get(page(*address) + query)
        assert response.status_code == 200
        return response.content.decode()

    return show


@pytest.fixture
def listed(root):
    """The rows of a list, by what its address says."""

    def rows(model, query=""):
        return list(root.get(page(model) + query).context["cl"].result_list)

    return rows


def test_a_group_is_shown_with_its_rule_in_words_and_as_json(shown, group):
    text = shown("usergroup", "change", row_of(group).pk)

    assert "<li>any of these<ul><li>enrollment track is verified</li><li>none of these<ul><li>" in text
    assert "&quot;modes&quot;: [" in text


def test_a_group_is_shown_with_how_many_are_kept_out_its_runs_and_its_revisions(shown, course, group):
    api.exclude(group.uuid, [a_learner(course).pk for _ in range(6)])

    text = shown("usergroup", "change", row_of(group).pk)

    assert re.search(r'Exclusions:</label>\s*<div class="readonly">7</div>', text)
    assert text.count("refresh of group") == RefreshRun.objects.count() == 3
    assert text.count("revision 1 of group") == text.count("revision 2 of group") == 1
    assert "Waiting" in text


def test_of_thousands_of_runs_the_latest_ten_are_shown_and_no_more_are_read(shown, scope):
    row = row_of(a_group(scope, VERIFIED))
    now = timezone.now()
    RefreshRun.objects.bulk_create(
        RefreshRun(group=row, collection=row.collection, revision=1, outcome="done", requested=now - timedelta(hours=n))
        for n in range(30)
    )

    with statements() as sent:
        text = shown("usergroup", "change", row.pk)

    assert text.count("refresh of group") == 10
    assert [sql for sql in sent if "openedx_user_groups_refreshrun" in sql and "LIMIT 10" not in sql] == []


def test_a_group_that_its_criteria_want_refreshed_is_not_fresh(listed, shown, scope):
    daily = {"all": [leaf("course_progress", "<", percent=30)]}
    groups = {
        name: a_group(scope, rule, name) for name, rule in (("weekly", VERIFIED), ("daily", daily), ("static", None))
    }
    never, paused = a_group(scope, VERIFIED, "never"), a_group(scope, VERIFIED, "paused")
    api.pause_group(paused.uuid)
    UserGroup.objects.exclude(name="never").update(last_refreshed=timezone.now() - timedelta(days=2))

    def fresh(row):
        return "icon-yes" if "icon-yes" in row else "icon-no" if "icon-no" in row else "icon-unknown"

    rows = shown("usergroup").split("<tr>")
    found = {name: fresh(next(row for row in rows if f">{name}</a>" in row)) for name in (*groups, "never", "paused")}
    assert found == {
        "weekly": "icon-yes",
        "daily": "icon-no",
        "static": "icon-unknown",
        "never": "icon-no",
        "paused": "icon-unknown",
    }
    assert "icon-no" in shown("usergroup", "change", row_of(never).pk)


def test_groups_are_found_by_name_uuid_and_scope(listed, scope):
    first, second = a_group(scope, VERIFIED, "Verified ones"), a_group(api.instance_scope(), None, "Others")

    for term in ("verified", str(first.uuid), first.uuid.hex, "Acme"):
        assert [row.uuid for row in listed("usergroup", f"?q={term}")] == [first.uuid]
    assert [row.uuid for row in listed("usergroup", "?scope_type=instance")] == [second.uuid]
    assert [row.uuid for row in listed("usergroup", "?rule=no")] == [second.uuid]


def test_collections_are_found_by_either_uuid_and_by_name(listed, pair):
    (collection,) = GroupCollection.objects.filter(is_implicit=False)
    a_group(api.instance_scope(), None, "Alone")

    for term in (collection.uuid, collection.rest_uuid, "exclus"):
        assert listed("groupcollection", f"?q={term}") == [collection]
    assert listed("groupcollection", "?kind=named") == [collection]
    assert len(listed("groupcollection", "?kind=implicit")) == 1


def test_runs_and_revisions_are_found_by_their_group_and_status(listed, scope, broken):
    group = a_group(scope, VERIFIED, "Verified ones")
    done = refreshed(group)
    waiting = api.request_refresh(group.uuid)

    for term in ("verified", str(group.uuid)):
        assert {row.uuid for row in listed("refreshrun", f"?q={term}")} == {done.uuid, waiting.uuid}
        assert {row.group.uuid for row in listed("revision", f"?q={term}")} == {group.uuid}
    assert {row.uuid for row in listed("refreshrun", "?status=waiting")} == {waiting.uuid}
    assert {row.group.uuid for row in listed("refreshrun", "?status=failed")} == {broken.uuid}
    assert listed("refreshrun", "?status=begun") == []


def test_without_a_search_a_list_of_runs_goes_back_so_far_and_no_further(listed, scope, monkeypatch):
    group = a_group(scope, VERIFIED)
    uuids = [refreshed(group).uuid for _ in range(4)]
    monkeypatch.setattr(runs, "LATEST", 2)

    assert [row.uuid for row in listed("refreshrun")] == [uuids[3], uuids[2]]
    assert len(listed("refreshrun", f"?q={group.uuid}")) == 4


def test_a_run_says_how_far_it_is_and_one_whose_worker_died_that_it_failed(shown, scope, course):
    group = a_group(scope, VERIFIED)
    row = row_of(group)
    token = lease.acquire(row.collection_id)
    run = RefreshRun.objects.create(
        group=row, collection=row.collection, revision=1, requested=timezone.now(), started=timezone.now(),
        lease_token=token, done=5_000, total=20_000,
    )  # fmt: skip

    text = shown("refreshrun", "change", run.pk)
    assert "Running" in text
    assert "5,000 / 20,000" in text
    assert "A refresh is running" in shown("groupcollection", "change", row.collection_id)

    GroupCollection.objects.update(lease_expires=timezone.now() - timedelta(seconds=1))
    text = shown("refreshrun", "change", run.pk)
    assert "Failed" in text
    assert "Its worker stopped before the end" in text
    assert "A worker died" in shown("groupcollection", "change", row.collection_id)
    assert "Died" in shown("groupcollection")


def test_a_revision_shows_what_it_changed(shown, group):
    first, second = Revision.objects.order_by("number").values_list("pk", flat=True)

    changes = shown("revision", "change", second)
    assert "-    &quot;all&quot;: [" in changes
    assert "+    &quot;any&quot;: [" in changes
    assert "@@" not in shown("revision", "change", first)


def test_a_collection_shows_its_groups_by_priority(shown, pair):
    text = shown("groupcollection", "change", row_of(pair[0]).collection_id)

    assert text.index(">First</a>") < text.index(">Second</a>")
    assert "Everybody else" in text
    assert "Free: no refresh is running" in text


def test_a_scope_says_whether_user_groups_are_on_and_leads_to_its_groups(shown, root, pair, scope):
    pk = row_of(pair[0]).scope_id

    text = shown("scope", "change", pk)
    assert "icon-yes" in text
    assert f'<a href="{page("usergroup")}?scope__id__exact={pk}">2</a>' in text
    assert root.get(f"{page('usergroup')}?scope__id__exact={pk}").context["cl"].result_count == 2
    with override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=False):
        assert "icon-no" in shown("scope", "change", pk)


def test_some_members_are_shown_and_all_are_found(shown, course, scope, monkeypatch):
    monkeypatch.setattr(members, "SHOWN", 5)
    group = a_group(scope, VERIFIED)
    learners = many_learners(course, 20)
    last = a_learner(course, "verified", username="zoe", email="zoe@example.com", id=max(learners) + 1)
    refreshed(group)
    pk = row_of(group).pk

    with statements() as sent:
        text = shown("usergroup", "members", pk)
    assert text.count("@example.com") == 5
    assert "The group has 21 members." in text
    assert "zoe" not in text
    assert not [sql for sql in sent if "COUNT(" in sql and "openedx_user_groups_membership" in sql]
    for name in ("zoe", "zoe@example.com", last.pk):
        found = shown("usergroup", "members", pk, query=f"?q={name}")
        assert f'<th scope="row">{last.username}</th>' in found


@pytest.mark.parametrize(
    ("name", "answer"),
    [("ben", "ben is not in the group."), ("nobody", "There is no such account."), ("%00", ""), ("9" * 5_000, "")],
)
def test_who_is_not_a_member_is_said_to_be_none(shown, scope, name, answer):
    a_user(username="ben")
    group = a_group(scope, VERIFIED)

    text = shown("usergroup", "members", row_of(group).pk, query=f"?q={name}")

    assert answer in text
    assert '<th scope="row">' not in text


def test_a_deleted_group_holds_nobody(shown, scope):
    group = a_group(scope)
    api.add_members(group.uuid, [a_user(username="ben").pk])
    pk = row_of(group).pk
    api.delete_group(group.uuid)

    assert "The group has 0 members." in shown("usergroup", "members", pk)
    assert "ben is not in the group." in shown("usergroup", "members", pk, query="?q=ben")
