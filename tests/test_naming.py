"""Names: what is allowed, and when two are the same."""

import pytest

from openedx_user_groups.exceptions import InvalidGroup
from openedx_user_groups.naming import clean_name, is_storable, name_key


@pytest.mark.parametrize(
    ("one", "other"),
    [("Pilot", "PILOT"), ("straße", "STRASSE"), ("é", "e\u0301"), ("ﬁne", "fine"), ("İ", "i̇"), ("Σας", "σασ")],
)
def test_case_and_the_way_of_writing_an_accent_make_no_other_name(one, other):
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("Café", "Cafe"), ("A", "A "), ("a b", "ab"), ("🙂", "🙃"), ("%", "_")])
def test_accents_blanks_and_signs_make_another_name(one, other):
    assert name_key(one) != name_key(other)


def test_a_key_has_one_length_whatever_the_name():
    assert {len(name_key(name)) for name in ("", "a", "ﷺ" * 255)} == {64}


@pytest.mark.parametrize("name", ["A", " A ", "\tA", '🙂 it\'s 100% "A"', "x" * 255, " " + "x" * 255 + " "])
def test_blanks_around_a_name_are_dropped(name):
    assert clean_name("name", name, 255) == name.strip()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Give it a name"),
        ("  \n ", "Give it a name"),
        (None, "Give it a name"),
        (7, "Give it a name"),
        ("x" * 256, "256 characters long; at most 255"),
        pytest.param("x" * 10_000, "10000 characters long", id="long"),
        ("a\nb", "control characters"),
        ("a\x1bb", "control characters"),
        ("a\0b", "cannot be stored"),
        ("a\ud800b", "cannot be stored"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_its_field(name, said):
    with pytest.raises(InvalidGroup, match=said) as refused:
        clean_name("rest_name", name, 255)
    assert refused.value.field == "rest_name"


def test_emoji_and_signs_can_be_stored_but_nul_and_half_pairs_cannot():
    assert is_storable("🙂 %'\"\\;é")
    assert not is_storable("\0")
    assert not is_storable("\udfff")
