"""Every endpoint and method of the URL configuration, by everybody: who gets which answer."""

import pytest
from django.test import override_settings

from openedx_user_groups.permissions import Action, PermissionBackend, Scopes
from tests.rest_api.campus import Campus, address
from tests.rest_api.endpoints import REQUESTS, a_site, configured, send
from tests.world import rolled_back

MANAGERS = ("staff", "instructor", "limited_staff", "staff_of_the_organization", "global_staff", "superuser")
LOGGED_OUT = ("anonymous", "inactive")
STRANGERS = ("learner", "disabled", "staff_of_another_course", "staff_of_another_organization")
EVERYBODY = (*LOGGED_OUT, *STRANGERS, *MANAGERS)

# What strangers get of each endpoint; where the answer is a list, it is one of what they may see.
HIDDEN, FILTERED, NO_SUCH_SCOPE = 404, 200, 400
STRANGERS_GET = {
    ("groups", "get"): FILTERED,
    ("groups", "post"): NO_SUCH_SCOPE,
    ("group", "get"): HIDDEN,
    ("group", "patch"): HIDDEN,
    ("group", "delete"): HIDDEN,
    ("members", "get"): HIDDEN,
    ("members", "post"): HIDDEN,
    ("members", "patch"): HIDDEN,
    ("member", "get"): HIDDEN,
    ("member", "delete"): HIDDEN,
    ("exclusions", "get"): HIDDEN,
    ("exclusions", "post"): HIDDEN,
    ("exclusion", "delete"): HIDDEN,
    ("imports", "post"): HIDDEN,
    ("refreshes", "get"): HIDDEN,
    ("refreshes", "post"): HIDDEN,
    ("refresh", "get"): HIDDEN,
    ("refresh", "patch"): HIDDEN,
    ("held-people", "get"): HIDDEN,
    ("draft", "get"): HIDDEN,
    ("draft", "delete"): HIDDEN,
    ("draft-people", "get"): HIDDEN,
    ("undo", "post"): HIDDEN,
    ("revisions", "get"): HIDDEN,
    ("revision", "get"): HIDDEN,
    ("explanations", "post"): HIDDEN,
    ("previews", "post"): NO_SUCH_SCOPE,
    ("collections", "get"): FILTERED,
    ("collections", "post"): NO_SUCH_SCOPE,
    ("collection", "get"): HIDDEN,
    ("collection", "patch"): HIDDEN,
    ("collection", "delete"): HIDDEN,
    ("collection-groups", "get"): HIDDEN,
    ("collection-groups", "post"): HIDDEN,
    ("collection-group", "delete"): HIDDEN,
    ("overlap", "get"): HIDDEN,
    ("overlap-people", "get"): HIDDEN,
    ("weights", "patch"): HIDDEN,
    ("choices", "post"): HIDDEN,
    ("enrollment-tracks", "post"): NO_SUCH_SCOPE,
    ("offers", "get"): FILTERED,
    ("offer", "get"): HIDDEN,
    ("place", "get"): HIDDEN,
    ("place", "put"): HIDDEN,
    ("place", "delete"): HIDDEN,
    ("criterion-types", "get"): FILTERED,
    ("criterion-type", "get"): HIDDEN,
    ("rule-templates", "get"): FILTERED,
    ("user-groups", "get"): FILTERED,
}
# It is there for staff of any course, and names nothing of theirs.
SEES_SOME_SCOPE = {("criterion-type", "get"): ("staff_of_another_course", "staff_of_another_organization")}

# What learners of the course do for themselves, and nobody does for them.
OF_LEARNERS = {endpoint for endpoint in STRANGERS_GET if endpoint[0] in ("offers", "offer", "place")}
# What needs more than looking.
MANAGING = {
    endpoint
    for endpoint in STRANGERS_GET
    if endpoint[1] != "get" and endpoint != ("explanations", "post") and endpoint not in OF_LEARNERS
}


@pytest.fixture(scope="module")
def site(kept):
    return a_site(Campus())


@pytest.fixture(scope="module")
def clients(site):
    """Everybody, logged in."""
    return {who: site.campus.client(who) for who in EVERYBODY}


def expected(endpoint, who):
    if who in LOGGED_OUT:
        return 401
    if endpoint in OF_LEARNERS:
        return REQUESTS[endpoint].status if who == "learner" else STRANGERS_GET[endpoint]
    if who in MANAGERS or who in SEES_SOME_SCOPE.get(endpoint, ()):
        return REQUESTS[endpoint].status
    return STRANGERS_GET[endpoint]


def test_the_matrix_has_every_endpoint_and_method():
    assert configured() == set(STRANGERS_GET) == set(REQUESTS)


@pytest.mark.parametrize("endpoint", sorted(STRANGERS_GET), ids=" ".join)
@pytest.mark.django_db
def test_who_gets_which_answer(site, clients, endpoint):
    answers = {}
    for who, client in clients.items():
        with rolled_back():
            answers[who] = send(client, endpoint, site).status_code

    assert answers == {who: expected(endpoint, who) for who in EVERYBODY}


class EverybodyLooks(PermissionBackend):
    """Whoever is logged in may see everything and change nothing."""

    def scopes(self, user, action):
        return Scopes(everything=action == Action.VIEW)

    def has(self, user, permission, scope):
        return False


@override_settings(OPENEDX_USER_GROUPS_PERMISSION_BACKEND=f"{__name__}.EverybodyLooks")
@pytest.mark.django_db
def test_who_may_look_only_is_told_so_when_they_change_something(site, clients):
    client, answers = clients["learner"], {}
    for endpoint in STRANGERS_GET:
        with rolled_back():
            answers[endpoint] = send(client, endpoint, site).status_code

    assert answers == {
        endpoint: 403 if endpoint in MANAGING else REQUESTS[endpoint].status for endpoint in STRANGERS_GET
    }


@pytest.mark.django_db
def test_a_method_that_is_not_there_is_not_allowed(site, clients):
    staff = clients["staff"]
    for name, method in REQUESTS:
        there = {method for other, method in configured() if other == name}
        path = address(name, *REQUESTS[name, method].arguments(site))
        for other in {"get", "post", "put", "patch", "delete", "trace"} - there:
            response = staff.generic(other.upper(), path)
            assert response.status_code == 405, (name, other)
            assert response.json()["status"] == 405
