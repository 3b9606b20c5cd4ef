"""The revisions of a group on its page: listed, compared, put back."""

import pytest
from django.urls import reverse

from openedx_user_groups import api
from openedx_user_groups.pages.differences import ADDED, REMOVED, SAME, rule_lines
from tests.by_api import VERIFIED, a_group, edited, in_mode, leaf


def address(name, *args):
    return reverse(f"openedx_user_groups:pages:{name}", args=args)


def text(answer):
    return answer.content.decode()


class Everybody:
    """Somebody who may see and name everything."""

    def sees(self, scope):
        return True

    def has(self, permission, scope):
        return True


@pytest.fixture
def group(campus):
    """Renamed once."""
    first = a_group(campus.scope, VERIFIED, name="First", description="As it was", tags=["old"])
    return edited(first, name="Second", tags=["new"])


@pytest.fixture
def compare(staff, group):
    def shown(to, of):
        return staff.get(address("comparison", group.uuid), {"to": to, "of": of})

    return shown


@pytest.fixture
def restore(staff, group):
    def post(number, revision=None, client=staff):
        body = {"restore": number, "revision": api.get_group(group.uuid).revision if revision is None else revision}
        return client.post(address("comparison", group.uuid), body)

    return post


def test_they_are_listed_newest_first(staff, group):
    page = text(staff.get(address("revisions", group.uuid)))

    assert page.index("Second") < page.index("As it was" if "As it was" in page else "First")
    assert "the one in force" in page


def test_what_was_changed_is_said_in_sentences(compare):
    page = text(compare(1, 2))

    for told in ("<del>First</del>", "<ins>Second</ins>", "<del>old</del>", "<ins>new</ins>", "the same in both"):
        assert told in page
    assert "As it was" not in page


def test_a_revision_compared_with_itself_says_the_same(compare):
    assert "They say the same" in text(compare(2, 2))


@pytest.mark.parametrize(("to", "of", "status"), [(1, 99, 404), (0, 1, 400), ("x", 1, 400), (1, 2**40, 400)])
def test_what_is_no_revision_is_not_compared(compare, to, of, status):
    assert compare(to, of).status_code == status


def test_rules_are_compared_line_by_line(campus):
    verified, audit = leaf("enrollment_mode", "in", modes=["verified"]), leaf("enrollment_mode", "in", modes=["audit"])
    old, new = {"all": [verified]}, {"all": [verified, {"none": [audit]}]}

    lines = rule_lines(old, new, campus.scope, Everybody())

    assert [(line.kind, line.depth) for line in lines] == [(SAME, 0), (SAME, 1), (ADDED, 1), (ADDED, 2)]
    assert [line.kind for line in rule_lines(None, old, campus.scope, Everybody())] == [REMOVED, ADDED, ADDED]


def test_an_earlier_one_is_put_back_as_a_new_one(group, restore):
    assert restore(1).url == address("group", group.uuid)

    now = api.get_group(group.uuid)
    assert (now.name, now.tags, now.revision, now.draft_revision) == ("First", ("old",), 3, None)


def test_an_earlier_rule_waits_to_be_activated(group, restore):
    edited(group, rule=in_mode("audit"))

    restore(2)

    now = api.get_group(group.uuid)
    assert now.rule == in_mode("audit")
    assert now.draft_rule == VERIFIED


def test_put_back_twice_it_is_told_that_it_has_changed(group, restore):
    seen = api.get_group(group.uuid).revision
    restore(1, seen)

    answer = restore(1, seen)

    assert answer.status_code == 409
    assert "Somebody else has edited" in text(answer)
    assert api.get_group(group.uuid).revision == 3


def test_a_name_that_is_taken_by_now_is_said_and_nothing_is_changed(campus, group, restore):
    a_group(campus.scope, name="First")

    answer = restore(1)

    assert answer.status_code == 409
    assert "already has a group called “First”" in text(answer)
    assert api.get_group(group.uuid).name == "Second"


def test_what_they_may_not_see_is_neither_told_nor_lost(campus, staff):
    secret = a_group(api.organization_scope("Acme"), name="Secret")
    rule = {"all": [leaf("group_member", "in", groups=[str(secret.uuid)])]}
    group = edited(a_group(campus.scope, rule, name="First", asker=Everybody()), name="Second")

    page = text(staff.get(address("comparison", group.uuid), {"to": 1, "of": 2}))
    staff.post(address("comparison", group.uuid), {"restore": 1, "revision": 2})

    assert "Secret" not in page
    assert "something that you may not see" in page
    now = api.get_group(group.uuid, asker=Everybody())
    assert (now.name, now.rule) == ("First", rule)


def test_a_rule_that_they_may_not_name_is_not_put_back(campus, staff):
    secret = a_group(api.organization_scope("Acme"), name="Secret")
    rule = {"all": [leaf("group_member", "in", groups=[str(secret.uuid)])]}
    group = edited(a_group(campus.scope, rule, asker=Everybody()), rule=VERIFIED)

    answer = staff.post(address("comparison", group.uuid), {"restore": 1, "revision": group.revision})

    assert answer.status_code == 400
    assert "cannot be put back" in text(answer)
    assert "Secret" not in text(answer)
    assert str(secret.uuid) not in text(answer)
    assert api.get_group(group.uuid).draft_revision is None


def test_the_number_of_queries_is_bounded(staff, group, django_assert_max_num_queries):
    for number in range(30):
        edited(group, description=f"Text {number}")

    with django_assert_max_num_queries(16):
        assert text(staff.get(address("revisions", group.uuid))).count("What was changed") == 25
    with django_assert_max_num_queries(25):
        staff.get(address("comparison", group.uuid), {"to": 1, "of": 30})


@pytest.mark.parametrize("who", ["staff_of_another_course", "learner"])
def test_who_may_not_see_the_group_sees_and_changes_none(visitor, group, restore, who):
    client = visitor(who)

    assert client.get(address("revisions", group.uuid)).status_code == 404
    assert client.get(address("comparison", group.uuid), {"to": 1, "of": 2}).status_code == 404
    assert restore(1, client=client).status_code == 404
    assert api.get_group(group.uuid).name == "Second"


def test_while_a_change_waits_it_is_that_which_one_compares_with(staff, campus):
    group = a_group(campus.scope, VERIFIED)
    page = address("revisions", group.uuid)
    api.update_group(group.uuid, revision=1, name="Red")
    assert "Compare with now" in staff.get(page).content.decode()

    api.update_group(group.uuid, revision=2, rule=in_mode("audit"))

    shown = staff.get(page).content.decode()
    assert "Compare with the waiting change" in shown
    assert "Compare with now" not in shown
