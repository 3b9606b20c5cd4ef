"""What is true of given users: the same as for everybody, with statements that grow with neither users nor groups."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from openedx_user_groups.criteria import Criterion, Operator, registry
from openedx_user_groups.criteria.base import Asking
from openedx_user_groups.data import ScopeData
from openedx_user_groups.evaluation import matching
from openedx_user_groups.evaluation.answers import COLUMNS, Answers
from openedx_user_groups.exceptions import CriterionFailed
from openedx_user_groups.groups import rule_reader
from openedx_user_groups.models import Exclusion, GroupCollection, Membership, Scope, UserGroup
from tests.examples import examples
from tests.factories import NOW, a_course, a_learner, a_user, scope_of_course, scope_of_instance
from tests.plain import SCOPES, belongs, is_true
from tests.strategies import crowds, rules
from tests.world import definition, rolled_back, save, save_courses

pytestmark = pytest.mark.django_db

STAFF = {"criterion": "staff_status", "operator": "is_true", "config": {}}


def grade_below(percent: float) -> dict[str, Any]:
    return {"criterion": "course_grade", "operator": "<", "config": {"percent": percent}}


def group(rule: Any, scope: ScopeData, group_id: int = 1, **changes: Any) -> Any:
    made = definition(rule_reader.parse(rule, scope) if rule else None, scope, group_id)
    for name, value in changes.items():
        object.__setattr__(made, name, value)
    return made


def statements(act: Any) -> list[str]:
    """What the database is asked; savepoints within the test's transaction do not count."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]


@settings(max_examples=examples(40))
@given(
    crowd=crowds,
    asked=st.lists(st.sampled_from(SCOPES).flatmap(lambda scope: st.tuples(st.just(scope), rules(scope))), max_size=4),
)
def test_groups_that_are_asked_together_get_the_answers_of_plain_python(crowd, asked) -> None:
    with rolled_back():
        save_courses()
        people = save(crowd)
        asked_about = list(people)[::2]
        groups = [group(rule, scope, place) for place, (scope, rule) in enumerate(asked, 1)]
        answers = Answers(asked_about, NOW)
        answers.ask(groups)
        for (scope, rule), made in zip(asked, groups, strict=True):
            everybody = {pk for pk in asked_about if belongs(people[pk], scope)}
            assert answers.population(scope) == everybody
            assert answers.matching(made) == {pk for pk in everybody if is_true(rule, people[pk], scope)}, rule


def test_a_static_group_wants_nobody_and_asks_nothing(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert Answers([1], NOW).matching(group(None, scope_of_instance())) == set()


def test_nobody_asked_about_is_nobody_found() -> None:
    a_user(is_staff=True)

    assert Answers([], NOW).matching(group({"all": [STAFF]}, scope_of_instance())) == set()
    assert Answers([999_999_999], NOW).population(scope_of_instance()) == set()


def test_a_leaf_that_several_groups_share_is_asked_once_and_all_leaves_in_one_statement() -> None:
    course = a_course()
    scope = scope_of_course(course)
    users = [a_learner(course).pk for _ in range(3)]
    groups = [group({"all": [grade_below(50), STAFF, {"none": [grade_below(50)]}]}, scope, n) for n in range(1, 20)]

    asked = statements(lambda: Answers(users, NOW).ask(groups))

    assert len(asked) == 2, "one for the leaves, one for who is excluded"
    assert asked[0].count("percent_grade") == 1
    assert asked[0].count("is_staff") == 1


def test_statements_grow_with_neither_users_nor_groups() -> None:
    course = a_course()
    scope = scope_of_course(course)

    def number(users: int, groups: int) -> int:
        learners = [a_learner(course).pk for _ in range(users)]
        asking = [group({"all": [STAFF, grade_below(n % 5)]}, scope, n) for n in range(1, groups + 1)]
        answers = Answers(learners, NOW)
        return len(statements(lambda: (answers.ask(asking), [answers.matching(one) for one in asking])))

    assert number(1, 5) == number(30, 100) == number(3, 1) == 2


def test_what_is_known_is_not_asked_again(django_assert_num_queries) -> None:
    scope = scope_of_instance()
    answers = Answers([a_user().pk], NOW)
    first = group({"all": [STAFF]}, scope, 1)
    answers.ask([first])
    answers.population(scope)

    with django_assert_num_queries(0):
        answers.matching(first)
        answers.population(scope)
        answers.ask([first])


def test_leaves_beyond_the_columns_of_one_statement_take_another_one() -> None:
    course = a_course()
    scope = scope_of_course(course)
    learner = a_learner(course)
    many = [group({"any": [grade_below(n / 2), grade_below(n / 2 + 0.25)]}, scope, n) for n in range(1, COLUMNS + 1)]

    answers = Answers([learner.pk], NOW)
    asked = statements(lambda: answers.ask([*many, group({"none": [grade_below(99)]}, scope, 200)]))

    assert len(asked) == 3 + 1
    assert answers.matching(group({"none": [grade_below(99)]}, scope, 200)) == {learner.pk}
    assert answers.matching(many[0]) == set()


def test_the_same_question_in_two_scopes_is_two_questions() -> None:
    course = a_course()
    inside, outside = a_learner(course, is_staff=True), a_user(is_staff=True)
    answers = Answers([inside.pk, outside.pk], NOW)
    groups = [group({"all": [STAFF]}, scope_of_course(course), 1), group({"all": [STAFF]}, scope_of_instance(), 2)]
    answers.ask(groups)

    assert [answers.matching(one) for one in groups] == [{inside.pk}, {inside.pk, outside.pk}]


def stored_group(scope: ScopeData) -> UserGroup:
    row, _made = Scope.objects.get_or_create(type=scope.type, key=scope.key)
    return UserGroup.objects.create(
        scope=row, collection=GroupCollection.objects.create(scope=row), name="Group", modified=NOW
    )


def test_excluded_users_are_left_out_until_their_exclusion_ends_as_a_set_and_per_user() -> None:
    scope = scope_of_instance()
    row = stored_group(scope)
    kept_out, over, still, free = (a_user(is_staff=True).pk for _ in range(4))
    for pk, ends in ((kept_out, None), (over, NOW), (still, NOW + timedelta(seconds=1))):
        Exclusion.objects.create(user_id=pk, group=row, created=NOW, expires_at=ends)
    asking = group({"all": [STAFF]}, scope, row.pk)
    other = group({"all": [STAFF]}, scope, row.pk + 1)
    answers = Answers([kept_out, over, still, free], NOW)
    answers.ask([asking, other])

    assert matching.groups_with_exclusions([asking, other], NOW) == {row.pk}
    assert answers.matching(asking) == {over, free}
    assert answers.matching(other) == {kept_out, over, still, free}
    found = matching.members_by_rule(asking, Asking(asking.scope, NOW), excludes=True)
    assert set(found.values_list("pk", flat=True)) == {over, free}


def test_a_group_that_divides_another_one_asks_about_its_members_only() -> None:
    scope = scope_of_instance()
    parent = stored_group(scope)
    member, stranger = a_user(is_staff=True), a_user(is_staff=True)
    Membership.objects.create(
        user=member, group=parent, collection_id=parent.collection_id, origin="manual", joined_at=NOW
    )
    divided = group({"all": [STAFF]}, scope, 99, parent_group_id=parent.pk)
    whole = group({"all": [STAFF]}, scope, 98)
    answers = Answers([member.pk, stranger.pk], NOW)
    answers.ask([divided, whole])

    assert answers.matching(divided) == {member.pk}
    assert answers.matching(whole) == {member.pk, stranger.pk}
    assert list(matching.members_by_rule(divided, Asking(divided.scope, NOW), excludes=False)) == [member]


class Unreadable(Criterion):
    """A condition that the database refuses only when it is asked."""

    title = "Unreadable"
    scopes = ("course", "organization", "instance")
    operators = {Operator.IS_TRUE: {"type": "object"}}

    def predicate(self) -> Q:
        return Q(RawSQL("no_such_column = 1", (), output_field=BooleanField()))

    def describe(self) -> str:
        return "cannot be read"


def test_a_criterion_that_the_database_refuses_is_found_among_all_that_were_asked() -> None:
    scope = scope_of_instance()
    user = a_user(is_staff=True)
    with registry.temporarily(acme__unreadable=Unreadable):
        broken = {"criterion": "acme.unreadable", "operator": "is_true", "config": {}}
        groups = [group({"all": [STAFF]}, scope, 1), group({"any": [STAFF, {"none": [broken]}]}, scope, 2)]

        with pytest.raises(CriterionFailed) as caught:
            Answers([user.pk], NOW).ask(groups)

    assert (caught.value.path, caught.value.group_id) == ("/any/1/none/0", 2)
    assert "acme.unreadable failed" in str(caught.value)
    assert Answers([user.pk], NOW).matching(groups[0]) == {user.pk}
    with registry.temporarily(acme__unreadable=Unreadable), pytest.raises(CriterionFailed) as alone:
        Answers([user.pk], NOW).ask(groups[1:])
    assert alone.value.path == "/any/1/none/0"
