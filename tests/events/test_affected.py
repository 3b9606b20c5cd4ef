"""Who is affected by an event, and in which course: whatever it holds, an answer or a sentence."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from opaque_keys.edx.keys import CourseKey
from opaque_keys.edx.locator import LibraryLocatorV2

from openedx_user_groups.events.affected import Malformed, course_of, user_of
from tests.factories import a_user

# Functions and subjects may ask the database.
pytestmark = pytest.mark.django_db

KEY = CourseKey.from_string("course-v1:Acme+A1+2026")
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()) | st.binary()


def an_event(user: Any = 5, course: Any = KEY) -> Any:
    """The payload of an event."""
    return {"thing": SimpleNamespace(user=SimpleNamespace(id=user), course_key=course)}


@pytest.mark.parametrize("user", [5, "5"])
@pytest.mark.parametrize("path", ["thing.user.id", lambda event: event["thing"].user.id])
def test_the_user_is_at_the_end_of_a_path_or_what_a_function_makes_of_it(user, path) -> None:
    assert user_of(an_event(user), path) == 5


@pytest.mark.parametrize(
    "user", [None, True, 0, -5, 2**31, 5.0, "9" * 5_000, "", "ana", "٥", "user^nobody", "role^ana", [5]]
)
def test_what_is_no_user_is_said_without_repeating_it(user) -> None:
    with pytest.raises(Malformed, match=r"^'thing\.user\.id' leads to no user, but to something of the type") as caught:
        user_of(an_event(user), "thing.user.id")

    assert "ana" not in caught.value.message
    assert "nobody" not in caught.value.message


@pytest.mark.parametrize("subject", ["user^Ana", "user^ana", "user^ANA"])
def test_openedx_authz_names_the_user(subject) -> None:
    ana = a_user(username="Ana")

    assert user_of(an_event(subject), "thing.user.id") == ana.pk


def test_of_two_who_are_called_alike_the_one_in_the_same_spelling_is_meant() -> None:
    if connection.vendor == "mysql":
        # There the platform's user names are unique whatever their case.
        return
    upper, lower = a_user(username="ANA"), a_user(username="ana")

    assert [user_of(an_event(f"user^{name}"), "thing.user.id") for name in ("ANA", "ana")] == [upper.pk, lower.pk]
    with pytest.raises(Malformed):
        user_of(an_event("user^Ana"), "thing.user.id")


@pytest.mark.parametrize("course", [KEY, str(KEY)])
def test_the_course_is_a_key_or_the_text_of_one(course) -> None:
    assert course_of(an_event(course=course), "thing.course_key") == str(KEY)


def test_there_need_not_be_a_course() -> None:
    assert [course_of(an_event(course=none), "thing.course_key") for none in (None, "")] == ["", ""]
    assert course_of(an_event(), None) == ""


def test_other_places_of_learning_are_named_as_they_are() -> None:
    assert course_of(an_event(course=LibraryLocatorV2("Acme", "words")), "thing.course_key") == "lib:Acme:words"


@pytest.mark.parametrize("course", ["nonsense", "course-v1:Acme", 5, KEY.make_usage_key("problem", "p").__dict__])
def test_what_is_no_key_is_said(course) -> None:
    with pytest.raises(Malformed, match="leads to no course"):
        course_of(an_event(course=course), "thing.course_key")


@pytest.mark.parametrize("path", ["thing.user.name", "other.user.id", "thing.user.id.id", lambda event: event["no"]])
def test_a_path_may_lead_nowhere(path) -> None:
    for ask in (user_of, course_of):
        with pytest.raises(Malformed, match="leads nowhere"):
            ask(an_event(), path)


@given(user=ANYTHING, course=ANYTHING)
def test_whatever_an_event_holds_there_is_an_answer_or_a_sentence(user, course) -> None:
    event = an_event(user, course)
    try:
        assert 0 < user_of(event, "thing.user.id") < 2**31
    except Malformed:
        assert not isinstance(user, int) or isinstance(user, bool) or not 0 < user < 2**31
    try:
        assert course_of(event, "thing.course_key") == ""
    except Malformed:
        assert course not in (None, "")
