"""Every page and method of the URL configuration, by everybody: who gets which answer."""

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings

from tests.pages.addresses import AUTHOR, LEARN, MANAGE, a_pages_site, configured, path, requests, send
from tests.pages.addresses import EVERYBODY as LOGGED_IN
from tests.rest_api.campus import Campus
from tests.rest_api.conftest import kept  # noqa: F401
from tests.rest_api.test_permission_matrix import EVERYBODY, LOGGED_OUT, MANAGERS, EverybodyLooks
from tests.world import rolled_back

# A form in which nothing is filled in may be sent back, but whoever may send one is not turned away.
LET_IN = "let in"
ANSWERS = {200: LET_IN, 302: LET_IN, 400: LET_IN, 409: LET_IN}


@pytest.fixture(scope="module")
def site(kept):  # noqa: F811
    return a_pages_site(Campus())


def logged_in(user):
    client = Client()
    if isinstance(user, User):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(scope="module")
def clients(site):
    """Everybody, logged in."""
    return {who: logged_in(site.campus.person(who)) for who in EVERYBODY}


def answer(client, name, method, site):
    with rolled_back():
        response = send(client, name, method, site)
    if response.status_code == 302 and response.url.startswith("/login/"):
        return "log in"
    return ANSWERS.get(response.status_code, response.status_code)


def expected(whom, who):
    if who in LOGGED_OUT:
        return "log in"
    if whom == LOGGED_IN:
        return LET_IN
    if whom == LEARN:
        return LET_IN if who == "learner" else 404
    return LET_IN if who in (("staff",) if whom == AUTHOR else MANAGERS) else 404


def test_the_matrix_has_every_address_and_method():
    assert {(name, method) for name, method, _whom in requests()} == set(configured())


@pytest.mark.parametrize(("name", "method", "whom"), requests(), ids=str)
@pytest.mark.django_db
def test_who_gets_which_answer(site, clients, name, method, whom):
    answers = {who: answer(client, name, method, site) for who, client in clients.items()}

    assert answers == {who: expected(whom, who) for who in EVERYBODY}


@override_settings(OPENEDX_USER_GROUPS_PERMISSION_BACKEND=f"{EverybodyLooks.__module__}.EverybodyLooks")
@pytest.mark.django_db
def test_who_may_look_only_is_told_so_where_something_is_changed(site, clients):
    answers = {(name, method): answer(clients["learner"], name, method, site) for name, method, _whom in requests()}

    turned_away = {MANAGE: 403, AUTHOR: 404}
    assert answers == {(name, method): turned_away.get(whom, LET_IN) for name, method, whom in requests()}


@override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=False)
@pytest.mark.django_db
def test_where_groups_are_off_there_are_no_pages(site, clients):
    answers = {(name, method): answer(clients["superuser"], name, method, site) for name, method, _whom in requests()}

    assert answers == {(name, method): 404 for name, method, _whom in requests()}


@pytest.mark.parametrize("name", sorted({name for name, _method, _whom in requests()}))
@pytest.mark.django_db
def test_a_method_that_is_not_there_is_not_allowed(site, clients, name):
    there = {method for other, method in configured() if other == name}

    for method in {"get", "post", "put", "patch", "delete"} - there:
        assert clients["staff"].generic(method.upper(), path(name, site)).status_code == 405, method


@pytest.mark.parametrize("name", sorted({name for name, method, _whom in requests() if method == "get"}))
@pytest.mark.django_db
def test_no_cache_keeps_a_page(site, clients, name):
    who = "learner" if name == "choice" else "staff"

    headers = send(clients[who], name, "get", site).headers

    assert {"no-store", "private"} <= set(headers["Cache-Control"].split(", "))
    assert "HX-Request" in headers["Vary"]
