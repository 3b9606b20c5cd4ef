"""Every page of the admin: who may look at it, what it finds, and how many queries it takes."""

import pytest
from django.contrib import admin
from django.test import modify_settings, override_settings

from openedx_user_groups import api
from openedx_user_groups.models import GroupCollection, RefreshRun, Revision, Scope, UserGroup
from tests.admin.conftest import EVIL
from tests.admin.looking import MODELS, browser, page, staff, stored
from tests.by_api import VERIFIED, a_group, leaf, refreshed, row_of, statements
from tests.factories import a_user

pytestmark = pytest.mark.django_db

OURS = {"usergroup": UserGroup, "groupcollection": GroupCollection, "refreshrun": RefreshRun}
OURS |= {"revision": Revision, "scope": Scope}
FILTERS = {
    "usergroup": ["status=active", "status=deleted", "health=broken", "rule=yes", "rule=no", "scope_type=course"],
    "groupcollection": ["kind=named", "kind=implicit", "scope_type=instance"],
    "refreshrun": [f"status={each}" for each in ("waiting", "begun", "done", "nothing", "failed", "superseded")],
    "revision": ["state=in_force", "state=draft"],
    "scope": ["type=course", "type=instance"],
}


def every_page():
    """The lists, plain, filtered and searched, and the page of every row."""
    for model in MODELS:
        yield page(model)
        yield from (f"{page(model)}?{choice}" for choice in FILTERS[model])
        yield from (f"{page(model)}?q={term}" for term in ("script", "nothing-like-it", "%00", "'", "%25", "a" * 500))
        yield from (page(model, "change", pk) for pk in OURS[model].objects.values_list("pk", flat=True))
    yield from (page("usergroup", "members", pk) for pk in UserGroup.objects.values_list("pk", flat=True))
    yield page("usergroup", "health")


@pytest.fixture
def everything(group, broken, pair):
    """Something to see on every page."""
    api.delete_group(pair[1].uuid)
    assert all(OURS[model].objects.exists() for model in MODELS)


def test_these_models_have_pages_and_no_table_of_memberships():
    registered = {
        model.__name__.lower() for model in admin.site._registry if model._meta.app_label == "openedx_user_groups"
    }

    assert registered == set(MODELS)


@pytest.mark.usefixtures("everything")
def test_a_superuser_sees_every_page_and_what_others_wrote_is_text(root):
    before = stored()
    bodies = {}
    for address in every_page():
        response = root.get(address)
        assert response.status_code == 200, address
        bodies[address] = response.content.decode()

    assert stored() == before
    assert not [address for address, body in bodies.items() if EVIL in body]
    assert any("&lt;script&gt;alert" in body for body in bodies.values())


@pytest.mark.usefixtures("everything")
def test_staff_with_permission_to_view_see_every_page():
    client = browser(staff(*(f"view_{model}" for model in MODELS)))

    assert {client.get(address).status_code for address in every_page()} == {200}


@pytest.mark.usefixtures("everything")
def test_staff_with_permission_for_one_model_see_that_one():
    client = browser(staff("view_scope"))

    for address in every_page():
        assert client.get(address).status_code == (200 if "/scope/" in address else 403), address


@pytest.mark.usefixtures("everything")
@pytest.mark.parametrize("who", ["staff", "learner", "nobody"])
def test_all_others_see_nothing(who):
    client = browser({"staff": staff, "learner": a_user, "nobody": lambda: None}[who]())

    assert {client.get(address).status_code for address in every_page()} == {403 if who == "staff" else 302}


@pytest.mark.usefixtures("everything")
@override_settings(SERVICE_VARIANT="cms")
@modify_settings(INSTALLED_APPS={"remove": ["lms.djangoapps.certificates", "lms.djangoapps.grades"]})
def test_studio_shows_the_same_though_it_lacks_tables(root, scope):
    with modify_settings(INSTALLED_APPS={"append": ["lms.djangoapps.certificates", "lms.djangoapps.grades"]}):
        asks_for_certificates = a_group(scope, {"all": [leaf("certificate", "is_true")]})

    assert {root.get(address).status_code for address in every_page()} == {200}
    shown = root.get(page("usergroup", "change", row_of(asks_for_certificates).pk)).content.decode()
    assert "certificate is_true" in shown


@pytest.mark.parametrize("model", MODELS)
def test_a_list_takes_as_many_queries_whatever_its_length(root, scope, model):
    def queries():
        with statements() as sent:
            assert root.get(page(model)).status_code == 200
        return sent

    def more(number):
        for _ in range(number):
            refreshed(a_group(scope, VERIFIED))
            api.create_group(api.instance_scope(), name=f"Static {UserGroup.objects.count()}")

    more(2)
    Scope.objects.create(type="organization", key="Acme")
    few = queries()
    more(8)
    Scope.objects.bulk_create(Scope(type="organization", key=f"Org {number}") for number in range(8))

    assert len(queries()) == len(few) < 15


@pytest.mark.parametrize("model", MODELS)
def test_no_list_counts_further_than_anybody_pages(root, model, scope):
    refreshed(a_group(scope, VERIFIED))

    with statements() as sent:
        root.get(page(model))

    counts = [sql for sql in sent if sql.startswith("SELECT COUNT(*)")]
    assert len(counts) == 1
    assert "LIMIT 10000)" in counts[0]


def test_pages_beyond_the_end_and_unknown_filters_are_no_errors(root, scope):
    a_group(scope, VERIFIED)

    for asked in ("p=1000000000", "p=-1", "p=x", "o=99", "nonsense=1", "status=nonsense", "scope__id__exact=x"):
        assert root.get(f"{page('usergroup')}?{asked}").status_code in (200, 302), asked
    assert root.get(page("usergroup", "change", 10**9)).status_code == 302
    assert root.get(page("usergroup", "members", 10**9)).status_code == 404
