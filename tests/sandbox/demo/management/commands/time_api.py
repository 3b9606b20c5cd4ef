"""Times what an instructor waits for: lists, previews, explanations and the export over REST, and the pages."""

import json
import tracemalloc
from argparse import ArgumentParser
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Count
from django.test import Client
from django.urls import reverse

from openedx_user_groups import api
from openedx_user_groups.data import COURSE, CollectionData, GroupData, ScopeData
from openedx_user_groups.platform import lms

ROOT = "/api/user_group/v1"
GROUPS = 100
PEOPLE = 1_000
RULE = {
    "all": [
        {"criterion": "last_login", "operator": "more_than_days_ago", "config": {"days": 10}},
        {
            "any": [
                {"criterion": "enrollment_mode", "operator": "in", "config": {"modes": ["audit", "verified", "honor"]}},
                {"criterion": "course_grade", "operator": "<", "config": {"percent": 60}},
                {"criterion": "course_activity", "operator": "more_than_days_ago", "config": {"days": 30}},
            ]
        },
        {"none": [{"criterion": "course_passed", "operator": "is_true", "config": {}}]},
    ]
}

# Of an organization or the instance.
WIDE_RULE = {
    "all": [
        {"criterion": "last_login", "operator": "more_than_days_ago", "config": {"days": 10}},
        {"criterion": "date_joined", "operator": "before", "config": {"date": "2199-01-01"}},
        {"none": [{"criterion": "staff_status", "operator": "is_true", "config": {}}]},
    ]
}


class Command(BaseCommand):
    """The groups it needs are made and rolled back."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scope", help='course key, organization or "instance"; the largest course if left out')
        parser.add_argument("--repetitions", type=int, default=5, help="samples of each; medians are shown")

    def handle(self, *args: Any, scope: str | None, repetitions: int, **options: Any) -> None:
        with transaction.atomic():
            place = api.scope_of(scope) if scope else _largest_course()
            self.stdout.write(f"{place}; medians of {repetitions}\n")
            client, group = _prepared(place)
            self.stdout.write(f"{'request':<28} {'ms':>8}  answer")
            for name, request in {**_requests(client, place, group), **_pages(client, place, group)}.items():
                self.stdout.write(f"{name:<28} {_milliseconds(request, repetitions):>8.0f}  {request()}")
            self.stdout.write(f"{'export, peak of memory':<28} {_peak(client, group):>8.1f}  MB")
            transaction.set_rollback(True)


def _largest_course() -> ScopeData:
    enrollments = lms.rows("student.CourseEnrollment").filter(is_active=True)
    largest = enrollments.values_list("course_id").annotate(n=Count("pk")).order_by("-n").first()
    if largest is None:
        raise CommandError("There are no learners: run seed_lms or load_oulad first.")
    return api.course_scope(largest[0])


def rule_for(scope: ScopeData) -> dict[str, Any]:
    """A rule that can be asked in a scope."""
    return RULE if scope.type == COURSE else WIDE_RULE


def _prepared(scope: ScopeData) -> tuple[Client, GroupData]:
    """A client of global staff, and a refreshed group that holds most of the course, among many others."""
    staff = get_user_model().objects.create(username="time_api", is_staff=True)
    client = Client()
    client.force_login(staff)
    for number in range(GROUPS - 1):
        api.create_group(scope, name=f"Timed {number}", rule=rule_for(scope), tags=["timed"])
    group = api.create_group(scope, name="Timed, large", rule={"any": rule_for(scope)["all"]})
    api.activate_group(group.uuid)
    api.refresh(group.uuid)
    return client, group


def _requests(client: Client, scope: ScopeData, group: GroupData) -> dict[str, Callable[[], str]]:
    people = list(api.members(group.uuid).order_by("pk").values_list("username", flat=True)[:PEOPLE])
    body = {"scope": {"type": scope.type, "key": scope.key}, "rule": rule_for(scope)}

    def got(path: str, **query: Any) -> Any:
        return _checked(client.get(f"{ROOT}/{path}", query))

    def posted(path: str, data: Any) -> Any:
        return _checked(client.post(f"{ROOT}/{path}", data, content_type="application/json"))

    def groups() -> str:
        return f"{len(got('groups/', scope_type=scope.type, page_size=GROUPS)['results'])} groups"

    def members() -> str:
        return f"{len(got(f'groups/{group.uuid}/members/', page_size=100)['results'])} members"

    def searched() -> str:
        return f"{len(got(f'groups/{group.uuid}/members/', search='9')['results'])} members"

    def preview() -> str:
        return f"{posted('previews/', body)['count']} people"

    def explanations() -> str:
        return f"{len(posted(f'groups/{group.uuid}/explanations/', {'people': people})['explanations'])} people"

    return {
        "a list of groups": groups,
        "a page of members": members,
        "members found by a search": searched,
        "a preview": preview,
        "explanations": explanations,
        "export": lambda: f"{_export(client, group)} rows",
    }


def _pages(client: Client, scope: ScopeData, group: GroupData) -> dict[str, Callable[[], str]]:
    """The pages by their names, each of them asked for whole; and the part that a changed rule asks for."""

    def page(name: str, *args: Any, **query: Any) -> Callable[[], str]:
        address = reverse(f"openedx_user_groups:pages:{name}", args=args)
        return lambda: f"{len(_found(client.get(address, query)).content):,} bytes"

    def preview() -> str:
        address = reverse("openedx_user_groups:pages:rule_preview", args=[scope])
        data = {"rule": json.dumps(rule_for(scope))}
        return f"{len(_found(client.post(address, data, headers={'HX-Request': 'true'})).content):,} bytes"

    halves, tracks = _collections(scope)
    draft = api.update_group(group.uuid, revision=1, rule={"none": rule_for(scope)["all"]})
    own = [group.uuid]
    somebody = api.members(group.uuid).order_by("pk").values_list("username", flat=True)[0]
    sections = ("group", "members", "exclusions", "history", "refreshes", "revisions", "rule", "add", "settings")
    return {
        "page: panel": page("panel"),
        "page: panel, searched": page("panel", search="large"),
        "page: scopes, searched": page("scopes", search="2013"),
        "page: scope": page("scope", scope),
        "page: collections": page("collections", scope),
        **{f"page: group, {name}": page(name, *own) for name in sections},
        "page: members, searched": page("members", *own, search="9"),
        "page: members, last": page("members", *own, page=10**6),
        "page: draft of a rule": page("draft", draft.uuid),
        "page: who leaves by it": page("draft_people", draft.uuid, "leaving", page=10**6),
        "page: collection by chance": page("collection", halves.uuid),
        "page: collection by rules": page("collection", tracks.uuid),
        "page: everybody else": page("collection_rest", tracks.uuid),
        "page: everybody else, searched": page("collection_rest", tracks.uuid, search="9"),
        "page: learner": page("learner", somebody),
        "page: preview of a rule": preview,
    }


def _collections(scope: ScopeData) -> tuple[CollectionData, CollectionData]:
    """One whose groups everybody is drawn into, and one with a rule for some of the people."""
    halves = api.create_collection(scope, name="Halves", kind="random")
    for name in "AB":
        api.activate_group(api.create_group(scope, name=f"Half {name}", collection=halves.uuid).uuid)
    api.draw_newcomers(halves.uuid)
    tracks = api.create_collection(scope, name="Some")
    some = api.create_group(scope, name="Some of them", rule=rule_for(scope), collection=tracks.uuid)
    api.activate_group(some.uuid)
    api.refresh(some.uuid)
    return halves, tracks


def _found(response: Any) -> Any:
    if response.status_code != 200:
        raise CommandError(f"{response.request['PATH_INFO']}: {response.status_code} {response.content[:500]!r}")
    return response


def _checked(response: Any) -> Any:
    return _found(response).json()


def _export(client: Client, group: GroupData) -> int:
    lines: Any = client.get(f"{ROOT}/groups/{group.uuid}/members/", {"format": "csv"}).streaming_content
    return sum(text.count(b"\n") for text in lines) - 1


def _milliseconds(request: Callable[[], str], repetitions: int) -> float:
    taken = []
    for _ in range(repetitions):
        started = perf_counter()
        request()
        taken.append((perf_counter() - started) * 1000)
    return median(taken)


def _peak(client: Client, group: GroupData) -> float:
    tracemalloc.start()
    _export(client, group)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6
