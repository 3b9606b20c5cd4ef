"""Every text of every page can be translated: with a language in which each translation is marked, all text is."""

import re
from html.parser import HTMLParser

import pytest
from django.utils import translation

from openedx_user_groups import api
from tests.pages.addresses import LEARN, a_pages_site, requests, send
from tests.pages.test_permission_matrix import logged_in
from tests.rest_api.campus import Campus
from tests.rest_api.conftest import kept  # noqa: F401
from tests.world import rolled_back

BEGIN, END = "⟦", "⟧"
# Attributes that people read or hear.
SAID = ("aria-label", "placeholder", "title", "alt", "data-label")
# What is as people have typed it, or is for programs.
AS_TYPED = ("textarea", "script", "style", "code", "pre", "bdi")
PAGES = [(name, whom) for name, method, whom in requests() if method == "get" and name not in ("export", "outcomes")]
# Names, keys and what else the site is made of.
DATA = re.compile(
    r"course-v1:\S+|\w+@example\.com|\b(Verified|Changed|By itself|Red|Lots?|Place|Teams|Chosen|Tracks|Acme|Other"
    r"|ana|bo|staff|learner|verified|audit|honor|nobody|CSV|JSON|UTC)\b"
)


class Unmarked(HTMLParser):
    """The texts of a page that are not within a translation."""

    def __init__(self, page):
        super().__init__()
        self.depth, self.skipped, self.found = 0, [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag in AS_TYPED:
            self.skipped.append(tag)
        for name, value in attrs:
            if name in SAID and value and _letters(re.sub(f"{BEGIN}.*{END}", "", value, flags=re.DOTALL)):
                self.found.append(f"{name}: {value}")

    def handle_endtag(self, tag):
        if self.skipped and self.skipped[-1] == tag:
            self.skipped.pop()

    def handle_data(self, data):
        outside = ""
        for part in re.split(f"([{BEGIN}{END}])", data):
            if part in (BEGIN, END):
                self.depth += 1 if part == BEGIN else -1
            elif self.depth == 0:
                outside += part
        if not self.skipped and _letters(outside):
            self.found.append(outside.strip())


def _letters(text):
    return re.search(r"[^\W\d_]", DATA.sub("", text))


@pytest.fixture(scope="module")
def site(kept):  # noqa: F811
    return a_pages_site(Campus())


@pytest.fixture
def marked(monkeypatch):
    """Marks whatever is translated."""

    def marks(message):
        return f"{BEGIN}{message}{END}" if message else message

    real = translation._trans
    plural = lambda one, many, number: marks(one if number == 1 else many)  # noqa: E731
    monkeypatch.setattr(real, "gettext", marks, raising=False)
    monkeypatch.setattr(real, "ngettext", plural, raising=False)
    monkeypatch.setattr(real, "pgettext", lambda context, message: marks(message), raising=False)
    monkeypatch.setattr(real, "npgettext", lambda context, *rest: plural(*rest), raising=False)


@pytest.mark.parametrize(("name", "whom"), PAGES, ids=str)
@pytest.mark.django_db
def test_all_text_of_a_page_is_translated(site, marked, name, whom):
    # Outcomes were told in the language of who asked.
    told = set(api.imported_people(site.imported).values_list("detail", flat=True))
    client = logged_in(site.campus.person("learner" if whom == LEARN else "staff"))

    with rolled_back():
        response = send(client, name, "get", site)

    if response.status_code == 200:
        page = response.content.decode()
        assert BEGIN in page or "<html" not in page
        assert [text for text in Unmarked(page).found if text not in told] == []


@pytest.mark.django_db
def test_what_went_wrong_is_translated_as_well(site, marked):
    for who, name in (("staff_of_another_course", "scope"), ("staff", "choice")):
        with rolled_back():
            response = send(logged_in(site.campus.person(who)), name, "get", site)

        assert response.status_code == 404
        assert Unmarked(response.content.decode()).found == []


def test_what_is_said_of_criteria_is_translated(marked):
    for criterion in (each for each in api.criterion_types() if "." not in each.name):
        said = (criterion.title, criterion.theme, criterion.summary, criterion.keywords)
        assert all(text.startswith(BEGIN) and text.endswith(END) for text in said), criterion.name


def test_text_that_is_not_translated_is_found():
    page = f"<main><p>{BEGIN}Marked <b>bold</b>{END}</p><p>Plain</p><p>12 – Red</p><a aria-label='Open'></a></main>"

    assert Unmarked(page).found == ["Plain", "aria-label: Open"]
