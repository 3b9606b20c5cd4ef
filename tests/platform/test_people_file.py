"""Files of people: text with one a line, or CSV."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openedx_user_groups.platform.people_file import UnreadableFile, lines, named_in, pasted


def read(content):
    """Whom a file names, line by line."""
    return [line.person for line in lines(content)]


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
        (b"ana,\nben,,\n", ["ana", "ben"]),
        (b"12\n", ["12"]),
    ],
)
def test_without_a_header_there_is_one_column(content, people):
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
        (b"username,email,Username\nana,,\n", "Line 1: the column username is there twice"),
        (b"E-mail,email\na@x.com,\n", "Line 1: the column email is there twice"),
        (b"PK\x03\x04 and so on", "Line 1: it is a spreadsheet or an archive"),
        (b"\xd0\xcf\x11\xe0 and so on", "Line 1: it is a spreadsheet or an archive"),
        (b"ana\nb\0n\n", "Line 2: it has the character NUL"),
        (b"\0" * 10_000, "Line 1: it has the character NUL"),
        ("ana\nbén\n".encode("utf-16-le"), "Line 1: it has the character NUL"),
        (b"\xff\xfea\0n\0a", "Line 1: it is not text in UTF-16"),
        (b"\xef\xbb\xbfana\nb\xe9n", "Line 2: it is not text in UTF-8"),
        pytest.param(b"ana," * 1_000, "Line 1: it has 1001 columns", id="all people on one line"),
        (b"name,grade\nana,7\n", "Line 1: it names no column username, email or id; write"),
        (b"\nNombre de usuario;Correo\nana;a@x.com\n", "Line 2: it names no column"),
        (b"ana,Ana Alvarez\nben,Ben", "leave one column, with a person on each line"),
        (b"ana\nben,cleo", "Line 1: it names no column"),
        (b'ana\n"ben\n', "Line "),
        (b'"ana"x\n', "Line 1"),
        pytest.param(b"x" * 200_000, "Line 1", id="a huge line"),
    ],
)
def test_what_cannot_be_read_names_the_line(content, said):
    with pytest.raises(UnreadableFile, match=said):
        read(content)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"username,email\n,,x\nben,\n", "It has nothing in the column username, email."),
        (b"name,username\nana\nAna,ben\n", "It has nothing in the column username."),
        (b",Ana\n", "It has nothing in the first column."),
        (b"id\nseven\n", "It is not an id: these are whole numbers."),
        (b"id\n-7\n", "It is not an id"),
        ("id\n٧\n".encode(), "It is not an id"),
        (b"id\n7.0\n8\n", "It is not an id"),
    ],
)
def test_a_row_that_names_nobody_keeps_the_others_from_nothing(content, fault):
    first, *others = lines(content)

    assert fault in first.fault
    assert not any(line.fault for line in others)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "cp1252"])
@pytest.mark.parametrize("name", ["bén", "Françoise", "Grüße", "Ñandú"])
def test_it_may_be_saved_in_many_ways(encoding, name):
    assert read(f"name;username\nAna;{name}\n".encode(encoding)) == [name]


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1251", "Анна Иванова"), ("cp1253", "Μαρία Παππά"), ("shift_jis", "田中さん")]
)
def test_other_languages_are_known_by_their_letters(encoding, name):
    assert read(f"{name}\n".encode(encoding)) == [name]


def test_a_row_without_a_user_name_is_found_by_its_address():
    assert read(b"username,email\nana,\n,ben@example.com\n") == ["ana", "ben@example.com"]


@pytest.mark.parametrize("header", [b"E-mail", b"EMAIL", b" email address ", b"Mail", b'"e-mail"'])
def test_a_header_is_known_however_it_is_written(header):
    assert read(b"Name," + header + b"\nAna,ana@example.com\n") == ["ana@example.com"]


def test_excel_may_say_what_stands_between_cells():
    assert [(line.number, line.person) for line in lines(b"sep=|\r\nname|username\r\nAna, A.|ana\r\n")] == [(3, "ana")]


def test_each_person_has_the_number_of_their_line():
    assert [line.number for line in lines(b"username\n\nana\n\n\nben\n")] == [3, 6]


@pytest.mark.parametrize(
    "text",
    [
        "ana\nben\ncleo@example.com",
        "ana, ben; cleo@example.com",
        "ana\tben  cleo@example.com\n\n",
        "\"ana\" 'ben', <cleo@example.com>",
        "ana,ben,Cleo de Mérode <cleo@example.com>",
        "ana\r\nben\u2028cleo@example.com;",
        "ana|ben, cleo@example.com",
        "ana/ben / cleo@example.com",
        "ana | ben | Cleo <cleo@example.com>",
        "ana; ben|<cleo@example.com>",
        "ana\N{ARABIC COMMA} ben\N{ARABIC SEMICOLON} cleo@example.com",
        "ana\N{IDEOGRAPHIC COMMA}ben\N{FULLWIDTH COMMA}cleo@example.com\N{FULLWIDTH SEMICOLON}",
        "ana\N{FULLWIDTH VERTICAL LINE}ben\N{FULLWIDTH SOLIDUS}cleo@example.com",
    ],
)
def test_a_pasted_text_may_have_anything_between_people(text):
    assert [line.person for line in pasted(text)] == ["ana", "ben", "cleo@example.com"]


@pytest.mark.parametrize("address", ["a/b@example.com", "a|b@example.com", "o'neil@example.com"])
def test_an_address_is_not_taken_apart(address):
    assert named_in(f"ana|ben {address}") == ["ana", "ben", address]


def test_two_addresses_are():
    assert named_in("ana@example.com/ben@example.com") == ["ana@example.com", "ben@example.com"]


def test_nobody_is_pasted_by_blanks_and_commas():
    assert pasted(" , ;\n\t<>") == []


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
