"""People by name, address or id, many at a time."""

import pytest
from django.db import connection

from openedx_user_groups.platform.people import Person, Unresolved, resolve
from tests.by_api import many_learners
from tests.factories import a_course, a_user

pytestmark = pytest.mark.django_db


def found(*people):
    return [person.user_id for person in resolve(people)]


def test_a_text_is_a_user_name_or_with_an_at_sign_an_address_and_a_number_an_id():
    ana, ben = a_user(username="ana"), a_user(username="12")

    assert found("ana", "ana@example.com", ana.pk, "12") == [ana.pk, ana.pk, ana.pk, ben.pk]


def test_the_case_of_ascii_letters_does_not_matter():
    ana = a_user(username="Ana", email="Ana@Example.com")

    assert found("ANA", "aNa", "ana@EXAMPLE.com") == [ana.pk] * 3


def test_blanks_around_a_name_do_not_matter_and_others_do():
    ana = a_user(username="ana")

    assert found(" ana\n", "a na") == [ana.pk, None]


def test_the_same_spelling_is_preferred():
    # Addresses, for MySQL refuses a user name in another case.
    upper, lower = a_user(username="one", email="ANA@example.com"), a_user(username="two", email="aNa@example.com")

    assert found("ANA@example.com", "aNa@example.com") == [upper.pk, lower.pk]
    assert resolve(["ana@example.com"]) == [Person("ana@example.com", unresolved=Unresolved.AMBIGUOUS)]


def test_an_address_of_two_accounts_is_ambiguous():
    for name in ("one", "two"):
        a_user(username=name, email="same@example.com")

    assert resolve(["same@example.com"])[0].unresolved == Unresolved.AMBIGUOUS


def test_a_name_with_an_at_sign_is_found_where_no_address_fits():
    ana, ben = a_user(username="ana@home"), a_user(username="ben", email="eve@home")
    a_user(username="eve@home", email="other@example.com")

    assert found("ana@home", "eve@home") == [ana.pk, ben.pk]


@pytest.mark.parametrize(
    ("stored", "asked"),
    [("café", "cafe"), ("café", "CAFÉ"), ("straße", "strasse"), ("ana", "ana "), ("a_b", "axb"), ("a%", "ab")],
)
def test_accents_other_letters_and_wildcards_are_not_ignored(stored, asked):
    a_user(username=stored)

    assert resolve([f"{asked}!"])[0].unresolved == Unresolved.UNKNOWN
    expected = asked.strip() == stored
    assert (found(asked) != [None]) == expected


def test_letters_beyond_ascii_are_found_as_they_are_written():
    ana = a_user(username="Ünal🙂", email="ünal@example.com")

    assert found("Ünal🙂", "ÜNAL🙂", "ünal@example.com") == [ana.pk, ana.pk, ana.pk]


@pytest.mark.parametrize(
    "odd",
    [
        "",
        " ",
        "\0",
        "ana\0",
        "\ud800",
        "%",
        "_",
        "'",
        '"',
        "\\",
        "🙂",
        pytest.param("x" * 10_000, id="long"),
        "@",
        "a@b@c",
        "; DROP TABLE",
    ],
)
def test_odd_names_are_unknown(odd):
    a_user(username="ana")

    assert resolve([odd])[0] == Person(odd.strip(), unresolved=Unresolved.UNKNOWN)


@pytest.mark.parametrize("odd", [0, -1, 2**31, 2**63, 10**30, True])
def test_odd_numbers_are_unknown(odd):
    a_user(id=1)

    assert resolve([odd])[0].unresolved == Unresolved.UNKNOWN


@pytest.mark.parametrize("quoted", ["O'Neil", 'say "hi"', "100%", "back\\slash", "semi;colon"])
def test_signs_that_mean_something_to_a_database_are_letters_like_others(quoted):
    ana = a_user(username=quoted, email=f"{len(quoted)}@example.com")

    assert found(quoted, quoted.upper()) == [ana.pk, ana.pk]


def test_everybody_is_answered_in_their_order_as_often_as_named():
    ana, ben = a_user(username="ana"), a_user(username="ben")

    assert found("ben", "nobody", "ana", "ben") == [ben.pk, None, ana.pk, ben.pk]
    assert resolve([]) == []


def test_queries_grow_by_the_thousand(django_assert_max_num_queries):
    pks = many_learners(a_course(), 10_000)

    with django_assert_max_num_queries(10):
        assert found(*(f"many_{pk}" for pk in pks)) == pks
    with django_assert_max_num_queries(20):
        assert found(*(f"MANY_{pk}" for pk in pks)) == pks
    with django_assert_max_num_queries(10):
        assert found(*(f"many_{pk}@example.com" for pk in pks)) == pks
    with django_assert_max_num_queries(10):
        assert found(*pks) == pks


def test_a_name_that_fits_several_is_ambiguous_whoever_else_is_named():
    if connection.vendor == "mysql":
        # There the platform's user names are unique whatever their case.
        a_user(username="zed")
        assert [person.unresolved for person in resolve(["zed", "ZED"])] == [None, None]
        return
    small, large = a_user(username="zed"), a_user(username="Zed")

    assert [person.user_id for person in resolve(["ZED", "zed", "Zed"])] == [None, small.pk, large.pk]
    assert resolve(["ZED", "zed"])[0].unresolved == "ambiguous"
