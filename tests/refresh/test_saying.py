"""Saying why: reasons are stored as what they are about and told in the language of whoever reads them."""

import pytest
from django.utils import translation

from openedx_user_groups.refresh import saying


def test_a_reason_is_told_with_its_numbers():
    stored = saying.kept(saying.TOO_MANY, leaving=2470, members=2558, limit=50)

    assert saying.told(stored) == "2,470 of 2,558 members would leave within a day; at most 50 percent may."


def test_numbers_are_written_as_it_is_read_and_not_as_it_was_stored():
    stored = saying.kept(saying.EMPTIED, members=12345)

    with translation.override("de"):
        assert "12.345" in saying.told(stored)
    assert "12,345" in saying.told(stored)


@pytest.mark.parametrize(
    "words", ["", "12 of 20 members would leave.", "{not JSON", '{"unknown": 1}', '{"reason": "of another version"}']
)
def test_what_was_stored_as_words_is_told_as_it_is(words):
    assert saying.told(words) == words
