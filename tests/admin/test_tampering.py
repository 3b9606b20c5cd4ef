"""The admin changes nothing but by its acts: whatever is sent to it, the tables stay as they are."""

import pytest
from django.contrib.admin.models import LogEntry

from openedx_user_groups.models import GroupCollection, RefreshRun, Revision, Scope, UserGroup
from tests.admin.looking import MODELS, browser, page, staff, stored
from tests.by_api import row_of

pytestmark = pytest.mark.django_db

ROWS = {"usergroup": UserGroup, "groupcollection": GroupCollection, "refreshrun": RefreshRun}
ROWS |= {"revision": Revision, "scope": Scope}
ALL = [f"{act}_{model}" for model in MODELS for act in ("view", "add", "change", "delete")]


@pytest.fixture(params=["superuser", "staff with all permissions"])
def client(request, root, group, broken, pair):
    return root if request.param == "superuser" else browser(staff(*ALL))


def fields_of(row):
    """A form with every column of a row, each of them changed."""
    form = {field.name: f"{getattr(row, field.attname)}1" for field in row._meta.concrete_fields}
    prefixes = ("runs", "revisions", "memberships", "criteria")
    management = {
        f"{each}-{name}_FORMS": "0" for each in prefixes for name in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")
    }
    return {**form, **management, "_save": "Save", "_saveasnew": "Save as new"}


def test_rows_cannot_be_changed_added_or_deleted(client):
    before = stored()
    for model in MODELS:
        row = ROWS[model].objects.order_by("pk").last()
        attempts = {
            page(model, "change", row.pk): fields_of(row),
            page(model, "add"): fields_of(row),
            page(model, "delete", row.pk): {"post": "yes"},
        }
        assert {client.post(address, form).status_code for address, form in attempts.items()} == {403}, model
        assert client.get(page(model, "add")).status_code == 403
        assert client.get(page(model, "delete", row.pk)).status_code == 403

    assert stored() == before
    assert not LogEntry.objects.exists()


def test_lists_neither_delete_nor_edit(client):
    before = stored()
    for model in MODELS:
        row = ROWS[model].objects.order_by("pk").last()
        selected = {"_selected_action": [row.pk], "index": "0"}
        edited = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": row.pk, "form-0-name": "Other"}

        client.post(page(model), {**selected, "action": "delete_selected", "post": "yes"})
        client.post(page(model), {**selected, "action": "nonsense"})
        client.post(page(model), {**edited, "_save": "Save"})

    assert stored() == before


def test_pages_have_nothing_to_fill_in(client, group):
    shown = client.get(page("usergroup", "change", row_of(group).pk)).content.decode()

    assert 'name="_save"' not in shown
    assert 'name="name"' not in shown
    assert "deletelink" not in shown
