"""HTML in every text, and queries that nobody would make by hand: no page lets it through or breaks."""

import pytest
from django.http import QueryDict

from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx_user_groups.models import Exclusion, GroupCollection, GroupTag, UserGroup
from tests.factories import profile
from tests.pages.addresses import LEARN, a_pages_site, path, requests
from tests.pages.test_permission_matrix import logged_in
from tests.rest_api.campus import Campus
from tests.rest_api.conftest import kept  # noqa: F401
from tests.world import rolled_back

SCRIPT = """<script>alert("x")</script>"><img src=x onerror=alert(1)>'{{ 7|add:7 }}"""
HARMFUL = ('<script>alert("x")', "<img src=x", "onerror=alert(1)>'14")
PAGES = [(name, whom) for name, method, whom in requests() if method == "get"]


@pytest.fixture(scope="module")
def site(kept):  # noqa: F811
    """A site in which every text that people may write is HTML and a script."""
    made = a_pages_site(Campus())
    UserGroup.objects.update(name=SCRIPT, description=SCRIPT, status_reason=SCRIPT, health_reason=SCRIPT)
    GroupCollection.objects.filter(is_implicit=False).update(name=SCRIPT, rest_name=SCRIPT)
    GroupTag.objects.create(group=UserGroup.objects.get(uuid=made.rest.group.uuid), tag=SCRIPT[:60], tag_key="x")
    Exclusion.objects.update(reason=SCRIPT)
    CourseOverview.objects.update(display_name=SCRIPT)
    for user in (made.campus.person("learner"), made.campus.person("staff")):
        profile(user, name=SCRIPT[:200])
    return made


@pytest.fixture(scope="module")
def clients(site):
    return {who: logged_in(site.campus.person(who)) for who in ("learner", "staff")}


def got(site, clients, query):
    """The answers of all pages with more in their queries: what came back by name, and whether it is harmful."""
    more = QueryDict(mutable=True)
    more.update(query)
    for name, whom in PAGES:
        address = path(name, site)
        with rolled_back():
            response = clients["learner" if whom == LEARN else "staff"].get(
                f"{address}{'&' if '?' in address else '?'}{more.urlencode()}"
            )
        page = "" if response.streaming or name == "outcomes" else response.content.decode()
        yield name, response.status_code, [harm for harm in HARMFUL if harm in page]


@pytest.mark.django_db
def test_html_in_every_text_is_text(site, clients):
    assert [found for found in got(site, clients, {}) if found[1] not in (200, 302, 400) or found[2]] == []


@pytest.mark.parametrize(
    "query",
    [
        {"search": SCRIPT},
        {"page": "9" * 30},
        {"page": "-1", "page_size": "9" * 30},
        {"search": "%_\\'\"\x00😀", "ordering": SCRIPT, "page": "\x00", "cursor": SCRIPT},
        {"group": "\x00", "parent_group": "\x00"},
    ],
    ids=lambda query: "+".join(query),
)
@pytest.mark.django_db
def test_no_query_breaks_a_page(site, clients, query):
    found = got(site, clients, query)

    assert [answer for answer in found if answer[1] not in (200, 302, 400, 404) or answer[2]] == []
