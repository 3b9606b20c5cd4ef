"""The members of a group on its page: found, sorted, exported, taken out."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.models import MemberImport
from tests.by_api import VERIFIED, a_group, many_learners, member_ids, refreshed
from tests.factories import a_learner, profile

PART = {"HX-Request": "true"}


def address(name, *args):
    return reverse(f"openedx_user_groups:pages:{name}", args=args)


def text(answer):
    return answer.content.decode()


@pytest.fixture
def group(campus):
    """With two by the rule and one by hand."""
    profile(a_learner(campus.course, "verified", username="ana"), name="Ana Lima")
    a_learner(campus.course, "verified", username="ben")
    a_learner(campus.course, username="cem")
    group = a_group(campus.scope, VERIFIED)
    refreshed(group)
    api.add_members(group.uuid, ["cem"])
    return group


@pytest.fixture
def members(staff, group):
    def shown(**query):
        return text(staff.get(address("members", group.uuid), query))

    return shown


def ids(*names):
    return [User.objects.get(username=name).pk for name in names]


def test_members_are_listed_with_how_and_since_when_they_are_in(members):
    page = members()

    for told in ("ana", "Ana Lima", "ana@example.com", "Added by hand", "Rule", "3 members"):
        assert told in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"search": "LIMA"}, ["ana"]),
        ({"search": "ben@"}, ["ben"]),
        ({"origin": "manual"}, ["cem"]),
        ({"search": "", "page": ""}, ["ana", "ben", "cem"]),
        ({"search": "nobody"}, []),
    ],
)
def test_they_are_found_by_name_address_and_origin(members, query, found):
    page = members(**query)

    assert [name for name in ("ana", "ben", "cem") if f"person={name}" in page] == found


@pytest.mark.parametrize(("ordering", "first"), [("username", "ana"), ("-username", "cem"), ("-joined_at", "cem")])
def test_they_are_sorted(members, ordering, first):
    page = members(ordering=ordering)

    assert min(("ana", "ben", "cem"), key=lambda name: page.index(f"person={name}")) == first


def test_a_query_that_is_wrong_is_told(staff, group):
    assert staff.get(address("members", group.uuid), {"ordering": "weather"}).status_code == 400


def test_htmx_gets_the_list_alone(staff, group):
    part = text(staff.get(address("members", group.uuid), headers=PART))

    assert "ana" in part
    assert "<html" not in part


def test_pages_and_queries_are_bounded(campus, staff, group, django_assert_max_num_queries):
    many_learners(campus.course, 60)
    refreshed(group)

    with django_assert_max_num_queries(20):
        page = text(staff.get(address("members", group.uuid), {"page": 2}))

    assert page.count('name="people"') == 25
    assert "Page 2 of 3" in page


def test_they_are_exported_as_asked_for(staff, group):
    answer = staff.get(address("export", group.uuid), {"search": "ana"})

    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0] == "username,email,name,origin,joined_at"
    assert [line.split(",")[0] for line in lines[1:]] == ["ana"]


def test_whom_one_chose_is_asked_about_before_anybody_is_taken_out(staff, group):
    page = text(staff.get(address("removal", group.uuid), {"people": ids("ana", "cem")}))

    assert "Take 2 people out" in page
    assert "1 of them is in it by the rule" in page
    assert len(member_ids(group)) == 3


def test_many_are_taken_out_and_whom_the_rule_wants_is_kept_out(staff, group):
    body = {"people": ids("ana", "cem"), "reason": "They asked"}

    answer = staff.post(address("removal", group.uuid), body, follow=True)

    assert "2 people were taken out. 1 of them is kept out" in text(answer)
    assert member_ids(group) == set(ids("ben"))
    (kept,) = api.exclusions_of(group.uuid)
    assert (kept.user.username, kept.reason, kept.author.username) == ("ana", "They asked", "staff")


def test_taken_out_twice_they_are_taken_out_once(staff, group):
    for _click in range(2):
        answer = staff.post(address("removal", group.uuid), {"people": ids("cem")})

    assert answer.status_code == 302
    assert not api.exclusions_of(group.uuid).exists()


@pytest.mark.parametrize("people", [[], ["x"], ["-1"], ["9" * 30]])
def test_nobody_chosen_is_said(staff, group, people):
    answer = staff.get(address("removal", group.uuid), {"people": people}, follow=True)

    assert "Choose who is to be taken out" in text(answer)


def test_of_an_archived_group_nobody_can_be_taken_out(staff, group, members):
    api.archive_group(group.uuid)

    assert 'name="people"' not in members()
    assert staff.post(address("removal", group.uuid), {"people": ids("ana")}).status_code == 409


@pytest.mark.parametrize("who", ["staff_of_another_course", "learner"])
def test_who_may_not_see_the_group_finds_nobody(visitor, group, who):
    client = visitor(who)

    for name in ("members", "export", "removal"):
        assert client.get(address(name, group.uuid)).status_code == 404
    assert client.post(address("removal", group.uuid), {"people": ids("cem")}).status_code == 404
    assert len(member_ids(group)) == 3


def test_whoever_has_left_the_course_and_was_put_in_by_hand_is_not_listed(members):
    CourseEnrollment.objects.filter(user__username="cem").update(is_active=False)

    assert "person=cem" not in members()


@pytest.fixture
def many(campus, group):
    """Thirty more whom the rule wants, beside those who are in it: more than a page shows."""
    found = many_learners(campus.course, 30)
    refreshed(group)
    return found


def test_more_than_a_page_shows_are_taken_out_at_once(staff, group, members, many):
    assert "Take out all 33 who were found" in text(staff.get(address("members", group.uuid)))
    where = f"{address('removal_of_all', group.uuid)}?search=many_"

    page = text(staff.get(where))
    assert "Take 30 people out of the group?" in page
    assert "30 of them are in it by the rule" in page
    answer = staff.post(where, {"number": "30", "reason": "The term is over"}, follow=True)

    assert answer.redirect_chain[0][0].startswith("/user_groups/imports/")
    assert f"many_{many[0]}" in text(answer)
    assert "30 people were taken out." in text(answer)
    assert not member_ids(group) & set(many)
    assert len(member_ids(group)) == 3
    kept_out = api.exclusions_of(group.uuid).filter(user__in=many)
    assert set(kept_out.values_list("reason", flat=True)) == {"The term is over"}
    assert kept_out.count() == 30


@pytest.mark.parametrize("number", ["29", "", "-1", "many"])
def test_when_more_are_found_than_was_said_nobody_is_taken_out_before_the_new_number_is_seen(
    staff, group, members, many, number
):
    answer = staff.post(f"{address('removal_of_all', group.uuid)}?search=many_", {"number": number})

    assert answer.status_code == 409
    assert "look at the number again" in text(answer)
    assert "Take 30 people out of the group?" in text(answer)
    assert set(many) <= member_ids(group)


def test_sent_twice_all_are_taken_out_once(staff, group, members, many):
    where = f"{address('removal_of_all', group.uuid)}?search=many_"
    token = str(uuid4())
    for _click in range(2):
        staff.post(where, {"number": "30", "token": token})

    assert MemberImport.objects.count() == 1


def test_where_nobody_is_found_nobody_can_be_taken_out(staff, group, members):
    answer = staff.get(f"{address('removal_of_all', group.uuid)}?search=nobody", follow=True)

    assert "Nobody was found who could be taken out." in text(answer)


def test_people_are_taken_out_by_a_list_with_an_outcome_for_each(staff, group, members):
    assert address("take_out", group.uuid) in text(staff.get(address("members", group.uuid)))
    form = {"people": "ana\ncem@example.com\nwho", "reason": "They asked", "token": str(uuid4())}

    checked = staff.post(address("take_out", group.uuid), {**form, "check": "1"}, follow=True)
    assert "will be taken out" in text(checked)
    assert "Take them out now" in text(checked)
    assert len(member_ids(group)) == 3

    done = text(staff.post(checked.redirect_chain[-1][0], follow=True))
    assert "taken out" in done
    assert "not found" in done
    assert len(member_ids(group)) == 1


def test_people_are_taken_out_by_a_file(staff, group, members):
    file = SimpleUploadedFile("leavers.csv", b"username\nana\ncem\n", content_type="text/csv")

    answer = staff.post(address("take_out", group.uuid), {"file": file, "by_file": "1", "remove": "1"}, follow=True)

    assert "People taken out of" in text(answer)
    assert len(member_ids(group)) == 1


def test_a_list_that_names_nobody_is_refused_and_the_reason_stays(staff, group, members):
    answer = staff.post(address("take_out", group.uuid), {"people": " ", "reason": "They asked"})

    assert answer.status_code == 400
    assert "It names nobody." in text(answer)
    assert 'value="They asked"' in text(answer)


def test_what_a_link_from_elsewhere_brings_along_is_ignored(staff, group, members):
    assert staff.get(address("members", group.uuid), {"utm_source": "mail"}).status_code == 200
    assert staff.get(address("why", group.uuid), {"user": "ana"}).status_code == 200
