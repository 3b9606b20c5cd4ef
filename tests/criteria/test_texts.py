"""Text operators: read in Python they mean what they mean in the database."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openedx_user_groups.criteria import Operator
from openedx_user_groups.criteria.texts import text_condition, text_sentence, text_test, texts
from openedx_user_groups.evaluation.matching import users_where
from tests.examples import examples
from tests.factories import a_user
from tests.plain import text_is
from tests.world import rolled_back

POSITIVE = (Operator.IS, Operator.CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH, Operator.IS_NOT_EMPTY)
NASTY = "aAbBzZ@[`{ßẞéÉeİıiſKkΣςσ%_'\"\\ \t\n-🎓日\u0301\u200b\xa0"
texts_of_people = st.text(st.sampled_from(NASTY), max_size=6)


@pytest.mark.django_db
@settings(max_examples=examples(30))
@given(text=texts_of_people, other=texts_of_people.filter(bool))
def test_a_text_passes_in_python_when_it_passes_in_the_database(text, other) -> None:
    parts = {other, other.swapcase(), text.swapcase(), text[:2], text[-2:]} - {""}
    with rolled_back():
        user = a_user(username="u", first_name=text)
        for value in parts:
            for operator in POSITIVE:
                config = {"value": value}
                expected = text_is(str(operator), text, value)

                assert text_test(operator, config)(text) == expected
                assert (
                    users_where(text_condition(operator, "first_name", config)).filter(pk=user.pk).exists() == expected
                )


@given(text=texts_of_people, listed=st.lists(texts_of_people.filter(bool), min_size=1, max_size=3))
def test_a_text_is_in_a_list_when_it_is_one_of_them(text, listed) -> None:
    for values in (listed, [*listed, text.swapcase()]):
        passes = text_test(Operator.IN, {"values": values})

        assert passes(text) == any(text_is("is", text, value) for value in values)


def test_the_operators_of_text_name_their_field_and_compare_with_a_value_or_with_nothing() -> None:
    operators = texts({"type": "string", "enum": ["city"]})

    with_value = {str(operator) for operator, schema in operators.items() if "value" in schema["required"]}
    assert with_value == {"is", "is_not", "contains", "not_contains", "starts_with", "ends_with"}
    assert set(map(str, operators)) - with_value == {"is_empty", "is_not_empty"}
    assert all("field" in schema["required"] for schema in operators.values())
    sentences = {text_sentence(operator, "city", {"value": "x"}) for operator in operators}
    assert len(sentences) == len(operators)
    assert all(sentence.startswith("city ") for sentence in sentences)
