"""The text of a file, whatever program has saved it: spreadsheets write it in many ways."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from ..exceptions import UserGroupsError

# The longer ones first: one begins with another.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# How files begin that spreadsheets save as their own: a zip archive, and what was before.
WORKBOOKS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")
# What Windows writes in Western Europe and America, which holds all letters of Latin-1.
WESTERN = "cp1252"
# What it writes elsewhere. Any others would be guesses.
LEGACY = (WESTERN, "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "shift_jis", "gb18030", "big5", "euc_kr")


class UnreadableFile(UserGroupsError):
    """The file is no text with one person a line."""


def decoded(content: bytes) -> str:
    """The text of a file; raises UnreadableFile.

    By its mark, or else UTF-8, or else what Windows writes in the language that it fits best.
    """
    if content.startswith(WORKBOOKS):
        raise UnreadableFile(
            _("Line 1: it is a spreadsheet or an archive, whatever its name says; open it and save it as CSV.")
        )
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), None)
    try:
        text = content.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding:
            raise _not(encoding, error) from None
        text = _by_its_letters(content, error)
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise UnreadableFile(
            _("Line {line}: it has the character NUL, so it is no text; save it as CSV in UTF-8.").format(line=line)
        )
    return text


def _by_its_letters(content: bytes, error: UnicodeDecodeError) -> str:
    # Only binary data and UTF-16 without its mark have it.
    if b"\0" in content:
        return content.decode("latin-1")
    found = from_bytes(content, cp_isolation=list(LEGACY))
    best = found.best()
    if best is None:
        raise _not("utf-8", error) from None
    # Short texts fit several, and then it is the one that most files are in.
    as_good = {name for one in found if one.chaos <= best.chaos for name in one.could_be_from_charset}
    return content.decode(WESTERN) if WESTERN in as_good else str(best)


def _not(encoding: str, error: UnicodeDecodeError) -> UnreadableFile:
    line = error.object[: error.start].count(b"\n") + 1
    told = _("Line {line}: it is not text in {encoding}; save the file as CSV in UTF-8.")
    return UnreadableFile(told.format(line=line, encoding=encoding.upper().removesuffix("-SIG")))
