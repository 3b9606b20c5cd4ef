"""Criteria are found by name: who may have which name."""

import pytest
from django.db.models import Q

from openedx_user_groups.criteria import Criterion, Operator, register, registry
from openedx_user_groups.exceptions import RegistrationError, UnknownCriterion

BUILT_IN = {
    *("enrollment_mode", "enrollment_date", "enrolled_in_course", "last_login", "date_joined", "course_activity"),
    *("block_completed", "course_progress", "course_grade", "assignment_grade", "course_passed", "certificate"),
    *("country", "level_of_education", "gender", "age", "language", "custom_profile_field", "user_field"),
    *("email_domain", "staff_status", "authentication_method", "course_role", "group_member", "group_field"),
    "random_share",
}


def a_type(**attributes: object) -> type[Criterion]:
    """A new criterion class of somebody else's package."""
    defaults = {
        "title": "Asked",
        "scopes": ("course",),
        "operators": {Operator.IS_TRUE: {"type": "object"}},
        "predicate": lambda self: Q(is_staff=True),
        "describe": lambda self: "is asked",
        "__module__": "acme.criteria",
    }
    return type("Asked", (Criterion,), defaults | attributes)


@pytest.fixture(autouse=True)
def _as_it_was():
    with registry.temporarily():
        yield


def test_the_built_in_criteria_are_there() -> None:
    assert {name for name in (criterion.name for criterion in registry.all_types()) if "." not in name} == BUILT_IN


def test_a_registered_criterion_is_found_by_its_name_and_knows_it() -> None:
    criterion = register("acme.asked")(a_type())

    assert registry.get("acme.asked") is criterion
    assert criterion.name == "acme.asked"
    assert criterion in registry.all_types()
    names = [each.name for each in registry.all_types()]
    assert names == sorted(names)


@pytest.mark.parametrize("name", ["acme.nothing", "", None, 5, [], {}, "Country"])
def test_an_unknown_name(name) -> None:
    with pytest.raises(UnknownCriterion, match="No installed package offers the criterion"):
        registry.get(name)


def test_a_name_belongs_to_one_criterion() -> None:
    first = register("acme.asked")(a_type())

    with pytest.raises(RegistrationError, match=r"are both the criterion 'acme\.asked'"):
        register("acme.asked")(a_type())
    assert registry.get("acme.asked") is first


def test_a_criterion_has_one_name() -> None:
    criterion = register("acme.asked")(a_type())

    with pytest.raises(RegistrationError, match=r"is 'acme\.asked' already: make a subclass to be 'acme\.another'"):
        register("acme.another")(criterion)
    assert criterion.name == "acme.asked"
    register("acme.another")(type("Another", (criterion,), {}))
    assert (criterion.name, registry.get("acme.another").name) == ("acme.asked", "acme.another")


def test_a_built_in_name_cannot_be_taken_over() -> None:
    with pytest.raises(RegistrationError, match="are both the criterion 'country'"):
        register("country")(a_type())


@pytest.mark.parametrize("module", ["acme.criteria", "openedx_user_groups_extra", "tests.openedx_user_groups.criteria"])
def test_bare_names_are_refused_to_others(module) -> None:
    with pytest.raises(RegistrationError, match="'shoe_size' must have a dot"):
        register("shoe_size")(a_type(__module__=module))

    own = register("shoe_size")(a_type(__module__="openedx_user_groups.criteria.builtin.shoes"))
    assert registry.get("shoe_size") is own
    with pytest.raises(UnknownCriterion):
        registry.get("acme.shoe_size")


def test_a_test_can_add_replace_and_hide_criteria_for_a_while() -> None:
    country, replaced = registry.get("country"), a_type(__module__="openedx_user_groups.criteria.builtin.new")

    with registry.temporarily(acme__asked=a_type(), country=replaced, gender=None):
        assert registry.get("acme.asked").name == "acme.asked"
        assert registry.get("country") is replaced
        with pytest.raises(UnknownCriterion):
            registry.get("gender")
    assert registry.get("country") is country
    assert registry.get("gender").name == "gender"
    with pytest.raises(UnknownCriterion):
        registry.get("acme.asked")


def test_what_a_test_changed_is_put_back_after_an_error_too() -> None:
    before = registry.all_types()

    with pytest.raises(ZeroDivisionError), registry.temporarily(gender=None):
        raise ZeroDivisionError
    with pytest.raises(RegistrationError), registry.temporarily(gender=None, bare=a_type()):
        pass
    assert registry.all_types() == before
