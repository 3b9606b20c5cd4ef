"""Every address of the pages with what it takes to ask for it, and what the URL configuration says there is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from openedx_user_groups import api
from openedx_user_groups.pages import urls
from openedx_user_groups.platform.people_file import Line
from tests.rest_api.campus import Campus
from tests.rest_api.endpoints import Site, a_site

METHODS = ("get", "post", "put", "patch", "delete")
# To whom an address answers. Everybody who is logged in; who may view a scope; who may manage it; learners of a course.
EVERYBODY, VIEW, MANAGE, LEARN = "everybody", "view", "manage", "learn"
# Whoever gave the list, here the staff of the course, and nobody else.
AUTHOR = "author"


@dataclass
class PagesSite:
    """A site of the REST API, and a list of people that was put into a group."""

    rest: Site
    imported: str

    @property
    def campus(self) -> Campus:
        """Who is there."""
        return self.rest.campus


@dataclass
class Address:
    """What it takes to ask for a page, for whom it is, and for whom it is when something is sent to it."""

    arguments: Callable[[PagesSite], tuple[Any, ...]] = lambda site: ()
    get: str | None = VIEW
    post: str | None = None
    query: Callable[[PagesSite], dict[str, Any]] = lambda site: {}
    # What has to be named for anything to be sent at all.
    form: Callable[[PagesSite], dict[str, Any]] = lambda site: {}


def _scope(site: PagesSite) -> tuple[Any, ...]:
    return (site.campus.scope,)


def _group(site: PagesSite) -> tuple[Any, ...]:
    return (site.rest.group.uuid,)


def _draft(site: PagesSite) -> tuple[Any, ...]:
    return (site.rest.draft.uuid,)


def _teams(site: PagesSite) -> tuple[Any, ...]:
    return (site.rest.collection,)


def _import(site: PagesSite) -> tuple[Any, ...]:
    return (site.imported,)


def _team(site: PagesSite) -> dict[str, Any]:
    return {"group": str(site.rest.team.uuid)}


ADDRESSES: dict[str, Address] = {
    "panel": Address(get=EVERYBODY),
    "scopes": Address(get=EVERYBODY),
    "instructor_tab": Address(_scope),
    "scope": Address(_scope),
    "new": Address(_scope, get=MANAGE, post=MANAGE),
    "new_rule": Address(_scope, get=MANAGE, post=MANAGE),
    "add_to_groups": Address(_scope, get=MANAGE, post=MANAGE),
    "rule_preview": Address(_scope, get=None, post=MANAGE),
    "group_rule_preview": Address(_group, get=None, post=MANAGE),
    "rule_suggestions": Address(_scope, get=MANAGE),
    "group": Address(_group),
    "members": Address(_group),
    "export": Address(_group),
    "removal": Address(_group, get=MANAGE, post=MANAGE),
    "removal_of_all": Address(_group, get=MANAGE, post=MANAGE, form=lambda site: {"number": "9"}),
    "take_out": Address(_group, get=MANAGE, post=MANAGE),
    "why": Address(_group, query=lambda site: {"person": "ana"}),
    "exclusions": Address(_group, post=MANAGE),
    "lift": Address(_group, get=None, post=MANAGE),
    "history": Address(_group),
    "refreshes": Address(_group, post=MANAGE),
    "refresh": Address(
        lambda site: (site.rest.group.uuid, site.rest.held), post=MANAGE, form=lambda site: {"decision": "discarded"}
    ),
    "undo": Address(
        _group,
        get=None,
        post=MANAGE,
        form=lambda site: {"run": str(api.refresh_to_undo(site.rest.group.uuid).uuid)},
    ),
    "revisions": Address(_group),
    "comparison": Address(
        _group,
        post=MANAGE,
        query=lambda site: {"of": 1, "to": 1},
        form=lambda site: {"restore": "1", "revision": "1"},
    ),
    "learner": Address(lambda site: ("ana",), get=EVERYBODY),
    "add": Address(_group, get=MANAGE, post=MANAGE),
    "waiting": Address(_group, get=MANAGE, post=MANAGE),
    "import": Address(_import, get=AUTHOR, post=AUTHOR),
    "outcomes": Address(_import, get=AUTHOR),
    "rule": Address(_group, post=MANAGE),
    "draft": Address(
        _draft,
        get=MANAGE,
        post=MANAGE,
        form=lambda site: {"act": "discard", "revision": str(site.rest.draft.draft_revision or 2)},
    ),
    "draft_people": Address(lambda site: (site.rest.draft.uuid, "joining"), get=MANAGE),
    "settings": Address(_group, post=MANAGE),
    "confirm": Address(lambda site: (site.rest.group.uuid, "archive"), get=MANAGE, post=MANAGE),
    "choose": Address(get=EVERYBODY),
    "choice": Address(lambda site: (site.rest.offer,), get=LEARN, post=LEARN),
    "collections": Address(_scope),
    "new_collection": Address(_scope, get=MANAGE, post=MANAGE),
    "tracks": Address(_scope, post=MANAGE),
    "group_names": Address(_scope),
    "collection": Address(_teams),
    "collection_order": Address(_teams, post=MANAGE),
    "collection_names": Address(_teams, post=MANAGE),
    "collection_dissolve": Address(_teams, get=MANAGE, post=MANAGE),
    "collection_rest": Address(_teams),
    "collection_move": Address(
        _teams, get=MANAGE, post=MANAGE, form=lambda site: {"group": str(site.rest.single.uuid)}
    ),
    "collection_candidates": Address(_teams, get=MANAGE),
    "collection_out": Address(_teams, get=MANAGE, post=MANAGE, query=_team, form=_team),
    "collection_groups": Address(_teams, post=MANAGE),
    "collection_weights": Address(lambda site: (site.rest.random,), post=MANAGE),
    "collection_draw": Address(lambda site: (site.rest.random,), post=MANAGE),
    "collection_choices": Address(lambda site: (site.rest.generated,), post=MANAGE),
}


def a_pages_site(campus: Campus) -> PagesSite:
    """Make one in the course of a campus."""
    rest = a_site(campus)
    people = [Line(1, "bo"), Line(2, "nobody@example.com")]
    imported = api.begin_import(rest.single.uuid, people, acting_user=campus.person("staff"))
    return PagesSite(rest, str(imported.uuid))


def path(name: str, site: PagesSite) -> str:
    """The path and query of an address."""
    address = ADDRESSES[name]
    found = reverse(f"openedx_user_groups:pages:{name}", args=address.arguments(site))
    query = urlencode(address.query(site))
    return f"{found}?{query}" if query else found


def requests() -> list[tuple[str, str, str]]:
    """The name of every address, each of its methods, and for whom that is."""
    return [
        (name, method, whom)
        for name, address in ADDRESSES.items()
        for method, whom in (("get", address.get), ("post", address.post))
        if whom is not None
    ]


def send(client: Client, name: str, method: str, site: PagesSite, **more: Any) -> Any:
    """The response to somebody who asks, or who sends a form in which nothing is filled in."""
    form = {"data": ADDRESSES[name].form(site)} if method == "post" else {}
    return getattr(client, method)(path(name, site), **form, **more)


def configured() -> Iterator[tuple[str, str]]:
    """Every address with every method, as the URL configuration has them."""
    for pattern in urls.urlpatterns:
        view = pattern.callback.view_class
        yield from ((pattern.name, method) for method in METHODS if hasattr(view, method))
