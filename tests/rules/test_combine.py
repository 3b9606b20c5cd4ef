"""Combining: what all, any and none mean, for conditions and for sets alike, and what becomes of negations."""

import pytest
from django.contrib.auth.models import User
from django.db.models import F, Q
from hypothesis import given, settings
from hypothesis import strategies as st

from common.djangoapps.student.models import CourseEnrollment, UserStanding
from openedx_user_groups.criteria import among
from openedx_user_groups.evaluation.matching import users_where
from openedx_user_groups.rules.combine import combined, normal, satisfied
from openedx_user_groups.rules.tree import Branch, Combine, Leaf, Node
from tests.examples import examples
from tests.factories import NOW, a_course, a_user, days_ago, enroll

FIRST = tuple(range(1, 9))


def leaf(ids: set[int]) -> Leaf:
    return Leaf("", "acme.ids", "in", {"ids": sorted(ids)})


trees = st.recursive(
    st.builds(leaf, st.sets(st.sampled_from(FIRST))),
    lambda nodes: st.builds(
        lambda combine, children: Branch("", combine, tuple(children)),
        st.sampled_from(list(Combine)),
        st.lists(nodes, min_size=1, max_size=3),
    ),
    max_leaves=8,
)


def plain(node: Node, pk: int) -> bool:
    if isinstance(node, Leaf):
        return pk in node.config["ids"]
    answers = [plain(child, pk) for child in node.children]
    return {Combine.ALL: all, Combine.ANY: any, Combine.NONE: lambda found: not any(found)}[node.combine](answers)


@given(trees)
def test_sets_are_combined_as_the_words_say(tree) -> None:
    everyone = set(FIRST)

    found = satisfied(tree, lambda node: set(node.config["ids"]) | {99}, everyone)
    assert found == {pk for pk in everyone if plain(tree, pk)}


@pytest.mark.django_db
@settings(max_examples=examples(60))
@given(trees)
def test_conditions_are_combined_as_the_words_say(tree) -> None:
    if not User.objects.exists():
        User.objects.bulk_create(User(pk=pk, username=f"user_{pk}") for pk in FIRST)

    for negated in (False, True):
        condition = combined(tree, lambda node: Q(pk__in=node.config["ids"]), negated=negated)
        found = set(users_where(condition).values_list("pk", flat=True))
        assert found == {pk for pk in FIRST if plain(tree, pk) != negated}


@pytest.mark.parametrize("combine", Combine)
def test_an_empty_branch_matches_nobody_whatever_its_word(combine, db) -> None:
    a_user()
    empty = Branch("", combine, ())

    assert satisfied(empty, lambda _leaf: {1}, {1, 2}) == set()
    assert not users_where(combined(empty, lambda _leaf: Q(pk__isnull=False))).exists()


@pytest.fixture
def ana(db) -> User:
    user = a_user(username="ana", last_login=days_ago(1))
    enroll(user, a_course(), "verified")
    a_user(username="ben")
    return user


FORMS = [
    lambda: Q(username="ana"),
    lambda: ~Q(username="ben"),
    lambda: Q(last_login__lt=days_ago(0)),
    lambda: ~~Q(username="ana"),
    lambda: among(CourseEnrollment.objects.all()),
    lambda: ~~among(CourseEnrollment.objects.filter(mode="verified")),
    lambda: ~(Q(username="ben") | Q(username="cleo")),
    lambda: ~(Q(is_active=True) & ~Q(username="ana")),
    lambda: Q(username="ana") ^ Q(username="cleo"),
    lambda: Q(
        pk__in=CourseEnrollment.objects.order_by().values("user_id").union(UserStanding.objects.values("user_id"))
    ),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("per_user", [False, True])
def test_the_normal_form_asks_the_same_and_its_negation_the_opposite(form, per_user, ana) -> None:
    assert list(users_where(normal(form(), per_user=per_user))) == [ana]
    everybody_else = users_where(normal(form(), negated=True, per_user=per_user))
    assert [user.username for user in everybody_else] == ["ben"]


def test_a_null_among_the_ids_of_a_subquery_does_not_make_its_negation_match_nobody(ana) -> None:
    UserStanding.objects.create(user=ana, account_status="enabled", changed_by=ana)
    UserStanding.objects.create(user=a_user(username="cleo"), account_status="enabled", changed_by=None)
    changed = among(UserStanding.objects.all(), "changed_by_id")

    assert {user.username for user in users_where(normal(changed, negated=True))} == {"ben", "cleo"}
    assert {user.username for user in users_where(normal(~changed))} == {"ben", "cleo"}


def test_subqueries_stay_in_where_they_must_hold_and_become_not_exists_where_they_must_not(ana) -> None:
    enrolled = among(CourseEnrollment.objects.all())

    assert "EXISTS" not in str(users_where(normal(enrolled)).query)
    assert "NOT (EXISTS" in str(users_where(normal(~enrolled)).query)
    assert "IN (SELECT" not in str(users_where(normal(enrolled, per_user=True)).query)


@pytest.mark.django_db
def test_a_condition_that_is_neither_true_nor_false_is_not_true_and_so_true_when_negated():
    never, late = a_user(), a_user(last_login=NOW)
    condition = Q(date_joined__lt=F("last_login"))

    assert set(users_where(normal(condition)).values_list("pk", flat=True)) == {late.pk}
    assert set(users_where(normal(condition, negated=True)).values_list("pk", flat=True)) == {never.pk}
