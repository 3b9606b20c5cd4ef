"""Every endpoint of the REST API with a request that is right, for anybody to send; and what the URLs say there is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from django.utils.http import urlencode

from openedx_user_groups import api
from openedx_user_groups.data import GroupData
from openedx_user_groups.models import HeldUser, RefreshRun
from tests.by_api import VERIFIED, a_group, in_mode, member_ids, row_of
from tests.factories import a_learner, scope_of_course
from tests.rest_api.campus import Campus, address, course_scope_json

NAMESPACE = "openedx_user_groups"
COLLECTIONS = {"Teams": "rules", "Lots": "random", "Chosen": "self"}


@dataclass
class Site:
    """A course with a group that has a member, somebody excluded, a refresh, and a collection of every kind."""

    campus: Campus
    group: GroupData
    collection: str
    # A group in it, and one by itself that can be moved there.
    team: GroupData
    single: GroupData
    random: str
    drawn: GroupData
    generated: str
    # What learners choose from.
    offer: str
    place: GroupData
    rest: str
    run: str
    held: str
    draft: GroupData

    @property
    def scope(self) -> dict[str, str]:
        return course_scope_json(self.campus.course)


def a_site(campus: Campus, course: Any = None, suffix: str = "") -> Site:
    """Make one in a course; people are called ana and bo, and the suffix."""
    course = course or campus.course
    scope = scope_of_course(course)
    a_learner(course, "verified", username=f"ana{suffix}")
    a_learner(course, "verified", username=f"bo{suffix}")
    group = a_group(scope, VERIFIED, name="Verified")
    api.refresh(group.uuid)
    api.exclude(group.uuid, [f"bo{suffix}"])
    teams, lots, offer = (api.create_collection(scope, name=n, kind=k).uuid for n, k in COLLECTIONS.items())
    generated = api.create_generated_collection(scope, name="Tracks", criterion="enrollment_mode")
    draft = a_group(scope, VERIFIED, name="Changed")
    api.update_group(draft.uuid, revision=1, rule=in_mode("audit"))
    run = api.request_refresh(group.uuid)
    return Site(
        campus=campus,
        group=group,
        collection=str(teams),
        team=a_group(scope, name="Red", collection=teams),
        single=a_group(scope, name="By itself"),
        random=str(lots),
        drawn=a_group(scope, name="Lot", collection=lots),
        generated=str(generated.uuid),
        offer=str(offer),
        place=a_group(scope, name="Place", collection=offer),
        rest=str(api.get_collection(teams).rest_uuid),
        run=str(run.uuid),
        held=str(a_held_run(group).uuid),
        draft=draft,
    )


def a_held_run(group: GroupData) -> RefreshRun:
    """A refresh that waits for a decision, about one member who would leave."""
    row = row_of(group)
    run = RefreshRun.objects.create(
        group=row,
        collection=row.collection,
        revision=1,
        lease_token=row.collection.lease_token + 1,
        requested=timezone.now() - timedelta(days=1),
        started=timezone.now() - timedelta(days=1),
        finished=timezone.now(),
        outcome="held",
    )
    for user_id in member_ids(group):
        HeldUser.objects.create(run=run, user_id=user_id, joins=False)
    return run


@dataclass
class Request:
    """A request that is right; what it names and holds is made for a site."""

    status: int
    arguments: Callable[[Site], tuple[Any, ...]] = lambda site: ()
    body: Callable[[Site], Any] = lambda site: None
    format: str = "json"
    query: dict[str, str] | None = None


def _group(site: Site) -> tuple[Any, ...]:
    return (site.group.uuid,)


def _ana(site: Site) -> tuple[Any, ...]:
    return (site.group.uuid, "ana")


def _held(site: Site) -> tuple[Any, ...]:
    return (site.group.uuid, site.held)


def _draft(site: Site) -> tuple[Any, ...]:
    return (site.draft.uuid,)


def _collection(site: Site) -> tuple[Any, ...]:
    return (site.collection,)


def _overlap(site: Site) -> tuple[Any, ...]:
    return (site.collection, site.single.uuid)


def _place(site: Site) -> tuple[Any, ...]:
    return (site.place.uuid,)


def _bo(site: Site) -> tuple[Any, ...]:
    return (site.group.uuid, "bo")


REQUESTS: dict[tuple[str, str], Request] = {
    ("groups", "get"): Request(200),
    ("groups", "post"): Request(201, body=lambda site: {"scope": site.scope, "name": "New"}),
    ("group", "get"): Request(200, _group),
    ("group", "patch"): Request(200, _group, lambda site: {"revision": 1, "status": "paused"}),
    ("group", "delete"): Request(204, _group),
    ("members", "get"): Request(200, _group),
    ("members", "post"): Request(200, _group, lambda site: {"people": ["ana"]}),
    ("members", "patch"): Request(200, _group, lambda site: {"remove": ["ana"]}),
    ("member", "get"): Request(200, _ana),
    ("member", "delete"): Request(204, _ana),
    ("exclusions", "get"): Request(200, _group),
    ("exclusions", "post"): Request(200, _group, lambda site: {"people": ["ana"]}),
    ("exclusion", "delete"): Request(204, _bo),
    ("imports", "post"): Request(
        200, _group, lambda site: {"file": SimpleUploadedFile("people.csv", b"ana\n")}, "multipart"
    ),
    ("refreshes", "get"): Request(200, _group),
    ("refreshes", "post"): Request(202, _group),
    ("refresh", "get"): Request(200, lambda site: (site.group.uuid, site.run)),
    ("refresh", "patch"): Request(200, _held, lambda site: {"decision": "discarded"}),
    ("held-people", "get"): Request(200, _held, query={"of": "leaving"}),
    ("draft", "get"): Request(200, _draft),
    ("draft", "delete"): Request(204, _draft),
    ("draft-people", "get"): Request(200, _draft, query={"of": "leaving"}),
    ("undo", "post"): Request(204, _group),
    ("revisions", "get"): Request(200, _group),
    ("revision", "get"): Request(200, lambda site: (site.group.uuid, 1)),
    ("explanations", "post"): Request(200, _group, lambda site: {"people": ["ana"]}),
    ("previews", "post"): Request(200, body=lambda site: {"scope": site.scope, "rule": VERIFIED}),
    ("collections", "get"): Request(200),
    ("collections", "post"): Request(201, body=lambda site: {"scope": site.scope, "name": "New"}),
    ("collection", "get"): Request(200, _collection),
    ("collection", "patch"): Request(200, _collection, lambda site: {"groups": [str(site.team.uuid)]}),
    ("collection", "delete"): Request(204, _collection),
    ("collection-groups", "get"): Request(200, _collection),
    ("collection-groups", "post"): Request(200, _collection, lambda site: {"group": str(site.single.uuid)}),
    ("collection-group", "delete"): Request(204, lambda site: (site.collection, site.team.uuid)),
    ("overlap", "get"): Request(200, _overlap),
    ("overlap-people", "get"): Request(200, _overlap),
    ("weights", "patch"): Request(
        200, lambda site: (site.random,), lambda site: {"weights": {str(site.drawn.uuid): 3}}
    ),
    ("choices", "post"): Request(200, lambda site: (site.generated,)),
    ("enrollment-tracks", "post"): Request(200, body=lambda site: {"scope": site.scope}),
    ("offers", "get"): Request(200),
    ("offer", "get"): Request(200, lambda site: (site.offer,)),
    ("place", "get"): Request(200, _place),
    ("place", "put"): Request(200, _place),
    ("place", "delete"): Request(204, _place),
    ("criterion-types", "get"): Request(200),
    ("criterion-type", "get"): Request(200, lambda site: ("last_login",)),
    ("rule-templates", "get"): Request(200),
    ("user-groups", "get"): Request(200, lambda site: ("ana",)),
}


def send(client: Any, endpoint: tuple[str, str], site: Site) -> Any:
    """The response of somebody's request."""
    name, method = endpoint
    request = REQUESTS[endpoint]
    body = request.body(site)
    more = {} if body is None else {"data": body, "format": request.format}
    query = f"?{urlencode(request.query)}" if request.query else ""
    return getattr(client, method)(address(name, *request.arguments(site)) + query, **more)


def configured() -> set[tuple[str, str]]:
    """Every endpoint with every method, as the URL configuration has them."""
    patterns = list(_patterns(get_resolver(), None))
    found = {(str(pattern.name), method) for pattern in patterns for method in pattern.callback.actions}
    # The REST framework adds it to whatever has "get".
    return {endpoint for endpoint in found if endpoint[1] != "head"}


def _patterns(resolver: URLResolver, namespace: str | None) -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern, pattern.namespace or namespace)
        elif namespace == NAMESPACE:
            yield pattern
