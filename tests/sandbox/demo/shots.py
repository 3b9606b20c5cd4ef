"""The pictures of the documentation: which page, for whom, and what is done before each is taken."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from django.urls import reverse

from openedx_user_groups import api
from openedx_user_groups.data import ScopeData
from tests.sandbox.demo.groups import AWAY, COURSE, NEWLY_VERIFIED, PASSED, SLOW, TESTERS
from tests.sandbox.demo.past import TOPICS, TOPICS_NAME

WIDTH, WIDE, NARROW = 1000, 1280, 360
HEIGHT, LOW, MIDDLE, TALL = 720, 440, 520, 1100
TEACHER = "instructor"
# One who is in the group, two who are not, an address without an account, and nobody.
PEOPLE = "learner\nlearner_000040, learner_000041\nana@example.com\nnobody"


@dataclass(frozen=True)
class Shot:
    """A picture: of which address, for whom, and what is done before it is taken."""

    name: str
    path: str
    who: str = "admin"
    before: Callable[[Any], None] = lambda page: None
    width: int = WIDTH
    height: int = HEIGHT
    scheme: str = "light"


def _page(name: str, *args: Any) -> str:
    return reverse(f"openedx_user_groups:pages:{name}", args=args)


def shots() -> list[Shot]:
    """Return all of them; the demo has to be there."""
    scope = api.course_scope(COURSE.key)
    uuids = {group.name: group.uuid for group in api.groups_in(scope)}
    if missing := {AWAY, SLOW, PASSED, NEWLY_VERIFIED, TESTERS, *TOPICS} - set(uuids):
        raise CommandError(f"There is no group {min(missing)} of the demo: remove .sandbox and run `make demo` first.")
    return [*_shots_of_scopes(scope), *_shots_of_groups(uuids), *_shots_of_collections(scope)]


def _shots_of_scopes(scope: ScopeData) -> list[Shot]:
    dashboard = reverse("instructor_dashboard", kwargs={"course_id": scope.key})
    return [
        Shot("panel", _page("panel"), width=WIDE),
        Shot("panel_dark", _page("panel"), width=WIDE, scheme="dark"),
        Shot("panel_narrow", _page("panel"), width=NARROW),
        Shot("scopes", _page("scopes"), height=LOW),
        Shot("course", _page("scope", scope), TEACHER, before=_open_switcher, width=WIDE),
        Shot("instructor_tab", dashboard, TEACHER),
        Shot("new_rule", _page("new_rule", scope), TEACHER, before=_begin_with_template, width=WIDE, height=TALL),
    ]


def _shots_of_groups(uuids: Mapping[str, UUID]) -> list[Shot]:
    away, slow, passed, testers = (uuids[name] for name in (AWAY, SLOW, PASSED, TESTERS))
    member = api.members(slow).order_by("pk").values_list("username", flat=True)[0]
    return [
        Shot("group", _page("group", away), TEACHER),
        Shot("held", _page("group", uuids[NEWLY_VERIFIED]), TEACHER, height=TALL),
        Shot("draft", _page("draft", passed), TEACHER),
        Shot("members", _page("members", away), TEACHER),
        Shot("why", f"{_page('why', slow)}?person={member}", TEACHER),
        Shot("kept_out", _page("exclusions", slow), TEACHER),
        Shot("history", _page("history", away), TEACHER),
        Shot("refreshes", _page("refreshes", away), TEACHER),
        Shot("comparison", f"{_page('comparison', passed)}?of=2&to=1", TEACHER),
        Shot("settings", _page("settings", away), TEACHER, height=TALL),
        Shot("add", _page("add", testers), TEACHER),
        Shot("import", _page("add", testers), TEACHER, before=_check_people),
        Shot("learner", _page("learner", _who_has_left(away)), TEACHER, height=MIDDLE),
    ]


def _shots_of_collections(scope: ScopeData) -> list[Shot]:
    topics = api.collections_in(scope).get(name=TOPICS_NAME)
    return [
        Shot("collection", _page("collection", topics.uuid), TEACHER),
        Shot("choose", _page("choice", topics.uuid), "learner", height=MIDDLE),
    ]


def _who_has_left(group: UUID) -> str:
    """Somebody who is in a group and has been in one before."""
    left = [change["user"] for change in api.changes_of(group, joined=False)]
    names = api.members(group).filter(pk__in=left[:500]).order_by("pk").values_list("username", flat=True)
    return str(names[0])


def _open_switcher(page: Any) -> None:
    page.locator(".switcher summary").click()
    page.locator(".places").wait_for()


def _begin_with_template(page: Any) -> None:
    page.get_by_role("link", name=re.compile("At risk")).click()
    page.wait_for_load_state("networkidle")
    page.locator("[data-count-all]").filter(has_text=re.compile("[1-9]")).wait_for()
    page.evaluate("scrollTo(0, 0)")


def _check_people(page: Any) -> None:
    page.get_by_label("User names or e-mail addresses").fill(PEOPLE)
    page.get_by_role("button", name="Check first").first.click()
    page.get_by_text("ana@example.com").first.wait_for()
