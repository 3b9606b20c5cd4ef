"""Files of people: text with one a line, or CSV."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openedx_user_groups.people_file import UnreadableFile, read


@pytest.mark.parametrize(
    ("content", "people"),
    [
        (b"", []),
        (b"\n\n  \n", []),
        (b"ana", ["ana"]),
        (b"ana\nben\n", ["ana", "ben"]),
        (b"ana\r\n\r\n  ben  \r\n", ["ana", "ben"]),
        (b"ana\rben", ["ana", "ben"]),
        (b"\xef\xbb\xbfana\nben", ["ana", "ben"]),
        (b"\xef\xbb\xbfusername\nana", ["ana"]),
        ("Ünal🙂\n日本\n".encode(), ["Ünal🙂", "日本"]),
        (b"100%\nO'Neil\n", ["100%", "O'Neil"]),
        (b"ana,Ana Alvarez\nben,Ben", ["ana", "ben"]),
        (b"12\n", ["12"]),
    ],
)
def test_without_a_header_the_first_column_counts(content, people):
    assert read(content) == people


@pytest.mark.parametrize(
    ("content", "people"),
    [
        (b"username\nana\n", ["ana"]),
        (b"Name,Email\nAna,ana@example.com\n", ["ana@example.com"]),
        (b"id;name\n7;Ana\n8;Ben", [7, 8]),
        (b"name\tUSERNAME\temail\nAna\tana\ta@example.com", ["ana"]),
        (b'"name","username"\n"Alvarez, ""Ana""","ana"\n', ["ana"]),
        (b"id\n0012\n", [12]),
        pytest.param(b"id\n" + b"9" * 10_000 + b"\n", [int("9" * 20)], id="a huge id"),
        (b"username\n", []),
        (b"\n\nusername\n\nana", ["ana"]),
    ],
)
def test_a_header_names_the_column(content, people):
    assert read(content) == people


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"ana\nb\xe9n\n", "Line 2: it is not UTF-8"),
        (b"\xff\xfea\0n\0a\0", "Line 1: it is not UTF-8"),
        (b"username,email\n,ana@example.com\n", "Line 2: it has nothing in the column username"),
        (b"name,username\nana\n", "Line 2: it has nothing in the column username"),
        (b"id\nseven\n", "Line 2: 'seven' is not an id"),
        (b"id\n-7\n", "is not an id"),
        ("id\n٧\n".encode(), "is not an id"),
        (b"id\n7.0\n", "is not an id"),
        (b'ana\n"ben\n', "Line "),
        (b'"ana"x\n', "Line 1"),
        pytest.param(b"x" * 200_000, "Line 1", id="a huge line"),
    ],
)
def test_what_cannot_be_read_names_the_line(content, said):
    with pytest.raises(UnreadableFile, match=said):
        read(content)


def test_a_nul_is_part_of_a_name_that_nobody_has():
    assert read(b"an\0a\n") == ["an\0a"]


def said_of(content):
    """What is wrong with a file; nothing of one that can be read."""
    try:
        read(content)
    except UnreadableFile as error:
        return str(error)
    return ""


@given(st.binary(max_size=200))
def test_any_file_is_read_or_refused_with_its_line(content):
    said = said_of(content)

    assert not said or said.startswith("Line ")
