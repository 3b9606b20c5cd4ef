"""The Python API: its shape, its errors, and what it gives back."""

import inspect
import typing
from uuid import UUID, uuid4

import attrs
import pytest
from django.contrib.auth.models import User

from openedx_user_groups import api, exceptions
from openedx_user_groups.data import GroupData, MemberOutcome, RunData, ScopeData
from openedx_user_groups.exceptions import GroupNotFound, InvalidScope, UserGroupsError
from openedx_user_groups.models import Scope
from tests.by_api import VERIFIED, a_group, leaf, member_ids, outcomes, uuids
from tests.factories import a_course, a_learner, a_user, scope_of_course, scope_of_instance, scope_of_organization

FUNCTIONS = [getattr(api, name) for name in api.__all__]
ERRORS = [
    error
    for error in vars(exceptions).values()
    if inspect.isclass(error) and issubclass(error, Exception) and error.__module__ == exceptions.__name__
]


@pytest.mark.parametrize("function", FUNCTIONS, ids=api.__all__)
def test_every_function_says_what_it_does_and_has_types(function):
    hints = typing.get_type_hints(function)

    assert inspect.getdoc(function)
    assert "return" in hints
    assert set(inspect.signature(function).parameters) <= set(hints)


@pytest.mark.parametrize("function", FUNCTIONS, ids=api.__all__)
def test_what_is_no_subject_is_named_and_the_acting_user_comes_last(function):
    parameters = list(inspect.signature(function).parameters.values())
    positional = [each for each in parameters if each.kind == each.POSITIONAL_OR_KEYWORD]
    named = [each.name for each in parameters if each.kind == each.KEYWORD_ONLY]

    assert len(positional) <= 2
    assert all(each.default is each.empty for each in positional)
    assert "acting_user" not in [each.name for each in positional]
    assert "acting_user" not in named[:-1]


def test_the_names_of_the_design_are_there():
    assert set(api.__all__) >= {
        *("course_scope", "organization_scope", "instance_scope", "create_group", "update_group", "activate_group"),
        *("pause_group", "archive_group", "delete_group", "get_group", "groups_in", "preview", "refresh", "members"),
        *("is_member", "groups_of_user", "add_members", "remove_members", "exclude", "import_members"),
        *("create_collection", "criterion_types", "retire_user"),
    }
    assert list(api.__all__) == sorted(api.__all__)


@pytest.mark.parametrize("error", ERRORS)
def test_errors_are_one_family_with_a_sentence_each(error):
    assert issubclass(error, UserGroupsError)
    assert inspect.getdoc(error).endswith(".")


def test_an_error_without_a_message_says_its_sentence():
    assert str(GroupNotFound()) == "There is no such group."


@pytest.mark.django_db
def test_results_are_frozen_data():
    course = a_course()
    ana = a_learner(course, "verified")
    group = a_group(scope_of_course(course), VERIFIED)
    run = api.refresh(group.uuid)
    (outcome,) = api.add_members(group.uuid, [ana.pk])

    assert (type(group), type(run), type(outcome)) == (GroupData, RunData, MemberOutcome)
    for result in (group, run, outcome):
        field = attrs.fields(type(result))[0].name
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(result, field, "changed")


@pytest.mark.django_db
@pytest.mark.parametrize("unknown", [uuid4(), "no uuid", "", "\0", "%", "🙂", "00000000-0000-4000-8000-000000000000 "])
@pytest.mark.parametrize(
    "act",
    [
        api.get_group,
        api.activate_group,
        api.archive_group,
        api.delete_group,
        api.members,
        api.refresh,
        api.check_group,
        lambda group: api.update_group(group, revision=1, name="New"),
        lambda group: api.add_members(group, ["ana"]),
        lambda group: api.is_member(group, 1),
    ],
)
def test_a_group_that_does_not_exist_is_not_found(act, unknown):
    with pytest.raises(GroupNotFound):
        act(unknown)


@pytest.mark.django_db
def test_groups_can_be_named_by_text_too():
    group = a_group(scope_of_instance())

    assert api.get_group(str(group.uuid)) == api.get_group(group.uuid)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "scope",
    [
        ScopeData("course", "course-v1:No+Such+Course"),
        ScopeData("course", "COURSE-V1:acme+a1+2026"),
        ScopeData("course", "no key"),
        ScopeData("organization", "Nobody"),
        ScopeData("organization", ""),
        ScopeData("instance", "something"),
        ScopeData("library", "x"),
    ],
)
def test_a_scope_that_does_not_exist_is_refused_and_not_made(scope):
    a_course()
    with pytest.raises(InvalidScope):
        api.create_group(scope, name="Nowhere")
    with pytest.raises(InvalidScope):
        api.create_collection(scope, name="Nowhere")
    with pytest.raises(InvalidScope):
        api.preview(scope, VERIFIED)
    assert not Scope.objects.exists()


@pytest.mark.django_db
def test_scopes_are_read_from_text():
    course = a_course()

    assert api.scope_of(str(course.id)) == scope_of_course(course)
    assert api.scope_of("acme") == scope_of_organization("Acme")
    assert api.scope_of("instance") == scope_of_instance()


@pytest.mark.django_db
def test_groups_of_a_scope_are_listed_by_name_without_deleted_ones():
    scope = scope_of_instance()
    later, deleted, first = a_group(scope, name="B"), a_group(scope, name="C"), a_group(scope, name="A")
    api.delete_group(deleted.uuid)

    assert uuids(api.groups_in(scope)) == [first.uuid, later.uuid]


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 7])
def test_a_list_of_groups_takes_three_queries_for_any_number(django_assert_num_queries, number):
    scope = scope_of_course(a_course())
    for _ in range(number):
        a_group(scope, VERIFIED, tags=["one", "two"])

    with django_assert_num_queries(3):
        assert len(api.groups_data(api.groups_in(scope))) == number


@pytest.mark.django_db
def test_a_user_is_told_the_groups_they_are_in_of_all_scopes_or_of_one():
    course = a_course()
    ana = a_learner(course, "verified")
    here, static = a_group(scope_of_course(course), VERIFIED, name="A"), a_group(scope_of_instance(), name="B")
    api.refresh(here.uuid)
    api.add_members(static.uuid, [ana.pk])

    assert uuids(api.groups_of_user(ana.pk)) == [here.uuid, static.uuid]
    assert uuids(api.groups_of_user(ana.pk, scope=scope_of_instance())) == [static.uuid]
    assert not api.groups_of_user(a_user().pk)
    assert api.is_member(here.uuid, ana.pk)
    assert not api.is_member(here.uuid, ana.pk + 1)


@pytest.mark.django_db
def test_a_preview_counts_the_population_the_rule_and_each_criterion():
    course = a_course()
    ana = a_learner(course, "verified")
    a_learner(course)
    rule = {"all": [leaf("enrollment_mode", "in", modes=["verified"]), leaf("last_login", "is_false")]}

    found = api.preview(scope_of_course(course), rule, user_ids=True)

    assert (found.population, found.count, found.user_ids) == (2, 1, [ana.pk])
    assert [(one.path, one.matched, one.unknown) for one in found.leaves] == [("/all/0", 1, 0), ("/all/1", 2, 2)]
    assert api.preview(scope_of_course(course), rule).user_ids is None


@pytest.mark.django_db
def test_the_collection_of_groups_is_told_by_priority():
    scope = scope_of_instance()
    collection = api.create_collection(scope, name="Halves", rest_name="The rest")

    assert (collection.name, collection.rest_name, collection.is_implicit) == ("Halves", "The rest", False)
    assert isinstance(collection.rest_uuid, UUID)
    assert collection.rest_uuid != collection.uuid
    group = a_group(scope, collection=collection.uuid)
    assert group.collection_uuid == collection.uuid


@pytest.mark.django_db
def test_lists_of_people_are_answered_in_their_order():
    group = a_group(scope_of_instance())
    ana, ben = a_user(username="ana"), a_user(username="ben")

    results = api.add_members(group.uuid, [ben.pk, "nobody", "ana", "ben"])

    assert [one.person for one in results] == [ben.pk, "nobody", "ana", "ben"]
    assert outcomes(results) == ["added", "unknown", "added", "already_in"]
    assert member_ids(group) == {ana.pk, ben.pk}
    assert User.objects.count() == 2
