"""Data sources are found by name, and made anew for each question."""

from typing import Any

import pytest

from openedx_user_groups.data import ScopeData
from openedx_user_groups.exceptions import RegistrationError, UnknownSource
from openedx_user_groups.platform.lms import LMS
from openedx_user_groups.sources import open_source, register_source, registered, temporarily
from tests.factories import scope_of_instance


class Library:
    """A data source."""

    def __init__(self, *, scope: ScopeData, users: Any = None) -> None:
        self.scope = scope
        self.users = users


@pytest.fixture(autouse=True)
def _as_it_was():
    with temporarily():
        yield


def opened(name: Any, users: Any = None) -> Any:
    return open_source(name, scope=scope_of_instance(), users=users)


def test_a_source_is_made_for_the_scope_and_the_users_that_are_asked_about() -> None:
    assert register_source("library")(Library) is Library

    first, second = opened("library", [5]), opened("library")
    assert isinstance(first, Library)
    assert (first.scope, first.users, second.users) == (scope_of_instance(), [5], None)
    assert first is not second


def test_the_platforms_own_tables_are_one() -> None:
    assert isinstance(opened("lms"), LMS)


@pytest.mark.parametrize("name", ["library", "", None, 5, [], "LMS"])
def test_an_unknown_name(name) -> None:
    with pytest.raises(UnknownSource, match="No installed package offers the data source"):
        opened(name)


def test_a_name_belongs_to_one_source() -> None:
    register_source("library")(Library)

    with pytest.raises(RegistrationError, match="are both the data source 'library'"):
        register_source("library")(type("Another", (Library,), {}))
    assert isinstance(opened("library"), Library)


@pytest.mark.parametrize(
    ("name", "source"), [("", Library), (" ", Library), (None, Library), (5, Library), ("a", None)]
)
def test_what_is_no_source_or_has_no_name_is_refused(name, source) -> None:
    before = registered()

    with pytest.raises(RegistrationError, match="A data source is a class with a name"):
        register_source(name)(source)
    assert registered() == before


def test_a_test_can_add_replace_and_hide_sources_for_a_while() -> None:
    before = registered()

    with temporarily(library=Library, campus__register=None, lms=Library):
        assert isinstance(opened("library"), Library)
        assert isinstance(opened("lms"), Library)
        with pytest.raises(UnknownSource):
            opened("campus.register")
    assert registered() == before
    with pytest.raises(ZeroDivisionError), temporarily(lms=None):
        raise ZeroDivisionError
    assert registered() == before
