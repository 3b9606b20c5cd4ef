"""People are put into a group: written, picked or in a file, checked first or at once, each with an outcome."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.utils import timezone

from common.djangoapps.student.models import CourseAccessRole
from openedx_user_groups import api
from openedx_user_groups.models import ImportedPerson, MemberImport, Membership, PendingMember
from tests.by_api import a_group, many_learners, member_ids, statements, writes
from tests.factories import a_learner

PART = {"HX-Request": "true"}


@pytest.fixture
def group(campus):
    return a_group(campus.scope, name="Helpers")


@pytest.fixture
def ana(campus):
    return a_learner(campus.course, username="ana", email="ana@example.com")


@pytest.fixture
def ben(campus):
    return a_learner(campus.course, username="ben", email="ben@example.com")


def address(group, page="add"):
    return f"/user_groups/groups/{group.uuid}/{page}/"


def add(client, group, people="", act="add", follow=True, **more):
    return client.post(address(group), {"people": people, act: "1", **more}, follow=follow)


def upload(client, group, content, act="add", name="people.csv"):
    body = {"by_file": "1", "file": SimpleUploadedFile(name, content), act: "1"}
    return client.post(address(group), body, follow=True)


def told(answer):
    """The outcome of each row of the list on a page, in its order."""
    return [each["outcome"].name for each in answer.context["rows"]]


def details(answer):
    return [each["row"].detail for each in answer.context["rows"]]


def as_csv(client, answer):
    path = f"/user_groups/imports/{answer.context['imported'].uuid}/outcomes.csv"
    return b"".join(client.get(path).streaming_content).decode("utf-8-sig")


class TestWriting:
    def test_whoever_is_written_with_anything_between_is_added(self, staff, group, ana, ben):
        answer = add(staff, group, "ana;ben@example.com\n\nnobody")

        assert told(answer) == ["added", "added", "unknown"]
        assert member_ids(group) == {ana.pk, ben.pk}
        assert {row.origin for row in Membership.objects.all()} == {"manual"}

    def test_a_check_says_the_same_and_changes_nothing(self, staff, group, ana):
        with statements() as sent:
            answer = add(staff, group, "ana nobody x@example.com", "check")

        assert told(answer) == ["added", "unknown", "waiting"]
        assert "Nothing has changed yet" in answer.content.decode()
        assert member_ids(group) == set()
        assert not PendingMember.objects.exists()
        assert not writes(sent, "membership ")
        assert not writes(sent, "membership`")
        assert not writes(sent, 'membership"')

    def test_what_was_checked_is_done_once(self, staff, group, ana):
        path = add(staff, group, "ana x@example.com", "check").redirect_chain[-1][0]

        answers = [staff.post(path, follow=True) for _click in range(2)]

        assert [told(answer) for answer in answers] == [["added", "waiting"]] * 2
        assert member_ids(group) == {ana.pk}
        assert [row.email for row in PendingMember.objects.all()] == ["x@example.com"]

    def test_the_way_back_from_a_check_leads_to_what_was_written(self, staff, group, ana):
        answer = add(staff, group, "ana nobody\nana, x@example.com", "check")

        for text, people in (("", "ana\nnobody\nx@example.com"), ("&missing=1", "nobody")):
            link = f"{address(group)}?from={answer.context['imported'].uuid}{text}"
            assert link.replace("&", "&amp;") in answer.content.decode()
            assert staff.get(link).context["typed"] == people

    def test_nobody_else_gets_to_see_the_list(self, campus, visitor, staff, group, ana):
        imported = add(staff, group, "ana", "check").context["imported"]
        other = a_group(campus.scope)

        assert visitor("global_staff").get(address(group), {"from": imported.uuid}).context["typed"] == ""
        assert staff.get(address(other), {"from": imported.uuid}).context["typed"] == ""
        assert [staff.get(address(group), {"from": x}).context["typed"] for x in ("x", uuid4())] == ["", ""]

    @pytest.mark.parametrize(
        ("people", "said"),
        [
            ("ana ben", "2 people were added."),
            ("ana", "1 person was added."),
            ("zoe", "Nobody was added; below it says why."),
        ],
    )
    def test_it_is_told_how_many_are_in_now_and_where(self, staff, group, ana, ben, people, said):
        page = add(staff, group, people).content.decode()

        assert said in page
        assert f"/user_groups/groups/{group.uuid}/members/" in page
        assert "See the members" in page

    def test_a_form_that_is_sent_twice_is_one_list(self, staff, group, ana):
        token = str(uuid4())

        answers = [add(staff, group, "ana", token=token) for _click in range(2)]

        assert [told(answer) for answer in answers] == [["added"]] * 2
        assert MemberImport.objects.count() == 1

    def test_a_form_that_is_sent_again_later_is_another_list(self, staff, group, ana):
        token = str(uuid4())
        add(staff, group, "ana", token=token)
        api.remove_members(group.uuid, [ana.pk])
        MemberImport.objects.update(created=timezone.now() - timedelta(minutes=2))

        assert told(add(staff, group, "ana", token=token)) == ["added"]

        assert member_ids(group) == {ana.pk}

    def test_who_is_named_again_is_told_where(self, staff, group, ana):
        answer = add(staff, group, "ana\nben\nana")

        assert told(answer) == ["added", "unknown", "repeated"]
        assert details(answer)[2] == "Line 1 names them already."

    @pytest.mark.parametrize("act", ["check", "add"])
    def test_who_is_named_by_name_and_by_address_is_told_so(self, staff, group, ana, act):
        answer = add(staff, group, "ben\nana ana@example.com", act)

        assert told(answer) == ["unknown", "added", "repeated"]
        assert details(answer)[2] == "Line 2 names them already."

    def test_of_accounts_elsewhere_not_even_that_is_told(self, campus, staff, group):
        a_learner(campus.foreign, username="zoe", email="zoe@example.com")

        assert told(add(staff, group, "zoe zoe@example.com")) == ["unknown", "waiting"]

    @pytest.mark.parametrize("people", ["", " ,;\n"])
    def test_nobody_is_no_list(self, staff, group, people):
        answer = add(staff, group, people)

        assert answer.status_code == 400
        assert "It names nobody" in answer.content.decode()

    def test_too_many_are_not_begun_with_and_not_lost(self, staff, group):
        answer = add(staff, group, " ".join(f"user{n}" for n in range(10_001)))

        assert answer.status_code == 400
        assert "10001 people" in answer.content.decode()
        assert "user10000" in answer.content.decode()

    def test_whoever_is_in_another_group_of_the_collection_is_moved(self, campus, staff, ana):
        pair = api.create_collection(campus.scope, name="Colours")
        red, blue = (a_group(campus.scope, name=name, collection=pair.uuid) for name in ("Red", "Blue"))
        api.add_members(red.uuid, [ana.pk])

        answer = add(staff, blue, "ana", "check")

        assert (told(answer), details(answer)) == (["moved"], ["Moved from Red."])
        assert member_ids(red) == {ana.pk}

    def test_html_is_text(self, staff, group):
        page = add(staff, group, "<script>alert(1)</script>").content.decode()

        assert "<script>alert" not in page

    def test_an_archived_group_takes_nobody(self, staff, group, ana):
        api.archive_group(group.uuid)

        assert add(staff, group, "ana").status_code == 409
        assert not MemberImport.objects.exists()

    def test_what_databases_cannot_store_is_nobody(self, staff, group):
        assert add(staff, group, "a\0b").status_code in (200, 400)
        assert member_ids(group) == set()


class TestPicking:
    def test_those_who_learn_there_are_found(self, campus, staff, group, ana, ben):
        a_learner(campus.foreign, username="anabel")
        api.add_members(group.uuid, [ben.pk])

        part = staff.get(address(group), {"search": "an"}, headers=PART).content.decode()
        everybody = staff.get(address(group), headers=PART).content.decode()

        assert 'value="ana"' in part
        assert "anabel" not in part
        assert "in it already" in everybody
        assert "<html" not in part

    def test_without_javascript_those_who_are_ticked_are_added(self, staff, group, ana, ben):
        answer = add(staff, group, "ana", picked=["ana", "ben"])

        assert told(answer) == ["added", "added"]
        assert member_ids(group) == {ana.pk, ben.pk}

    def test_the_page_asks_the_same_however_many_there_are(self, campus, staff, group, django_assert_max_num_queries):
        many_learners(campus.course, 300)

        with django_assert_max_num_queries(30):
            page = staff.get(address(group)).content.decode()

        assert page.count('name="picked"') == 25
        assert "There are more" in page

    @pytest.mark.parametrize("search", ["%", "'", "a\0", "x" * 5_000, "<b>"])
    def test_any_text_may_be_looked_for(self, staff, group, search):
        assert staff.get(address(group), {"search": search}, headers=PART).status_code == 200


class TestFiles:
    def test_each_row_has_an_outcome_on_the_page_and_in_a_file(self, staff, group, ana, ben):
        api.exclude(group.uuid, ["ben"])

        answer = upload(staff, group, b"email,remark\nana@example.com,=1+1\nben@example.com,\nana@example.com,\n")

        assert told(answer) == ["added", "excluded", "repeated"]
        assert as_csv(staff, answer).splitlines() == [
            "line,person,group,username,outcome,detail",
            "2,ana@example.com,Helpers,ana,added,",
            "3,ben@example.com,Helpers,ben,kept out,They are kept out of this group; lift the exclusion first.",
            "4,ana@example.com,Helpers,,named twice,Line 2 names them already.",
        ]

    def test_formulas_are_text_in_the_file(self, staff, group):
        answer = upload(staff, group, b"=cmd()\n@sum\n+1\n-x\n")

        rows = as_csv(staff, answer).splitlines()[1:]
        assert [row.split(",")[1] for row in rows] == ["'=cmd()", "'@sum", "'+1", "'-x"]

    def test_a_row_that_names_nobody_keeps_nobody_out(self, staff, group, ana):
        answer = upload(staff, group, b"username,remark\n,1\nana,2\n")

        assert told(answer) == ["nobody", "added"]
        assert details(answer)[0] == "It has nothing in the column username."

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
    def test_it_may_come_from_any_program(self, staff, group, ana, encoding):
        assert told(upload(staff, group, "Name;Username\nÄnne;ana\n".encode(encoding))) == ["added"]

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "It names nobody"),
            (b"username\n", "It names nobody"),
            (b"\0\0\0", "Line 1: it has the character NUL"),
            (b"PK\x03\x04zip", "save it as CSV"),
            (b"x" * 200_000, "Line 1: it is too long"),
            (b"username,username\nana,\n", "the column username is there twice"),
            (b"name,grade\nana,1\n", "Line 1: it names no column username, email or id"),
            (b'ana\n"ben\n', "quotation mark"),
            (b"x\n" * 10_001, "10001 people"),
        ],
    )
    def test_what_is_wrong_with_it_is_said_at_its_field(self, staff, group, content, said):
        answer = upload(staff, group, content)

        assert answer.status_code == 400
        assert said in answer.content.decode()
        assert not MemberImport.objects.exists()

    def test_without_one_it_is_asked_for(self, staff, group):
        answer = staff.post(address(group), {"by_file": "1", "add": "1"})

        assert (answer.status_code, "Choose a file." in answer.content.decode()) == (400, True)

    @override_settings(OPENEDX_USER_GROUPS_MAX_UPLOAD_BYTES=1_000)
    def test_one_that_is_too_large_is_refused(self, staff, group):
        answer = upload(staff, group, b"x" * 1_001)

        assert answer.status_code == 400
        assert "too large: at most 1000" in answer.content.decode()

    def test_one_of_2_gb_is_not_even_read(self, staff, group):
        class Endless:
            def read(self, *_size):
                raise AssertionError("it is read")

            readline = read

        extra = {"wsgi.input": Endless(), "CONTENT_TYPE": "multipart/form-data; boundary=x"}

        answer = staff.generic("POST", address(group), **extra, CONTENT_LENGTH=str(2 * 1024**3))

        assert answer.status_code == 413
        assert "too large" in answer.content.decode()

    def test_only_forms_of_these_pages_are_taken(self, campus, group, ana):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(campus.person("staff"), backend="django.contrib.auth.backends.ModelBackend")

        assert add(strict, group, "ana").status_code == 403
        assert member_ids(group) == set()


class TestLongLists:
    def test_10_000_rows_are_dealt_with_by_a_worker(self, campus, staff, group, django_capture_on_commit_callbacks):
        ids = many_learners(campus.course, 600)
        rows = b"".join(b"many_%d\n" % pk for pk in ids) + b"".join(b"nobody%d\n" % n for n in range(9_400))

        with django_capture_on_commit_callbacks(execute=True):
            begun = upload(staff, group, b"username\n" + rows)
        assert "The people are being added" in begun.content.decode()
        assert "hx-trigger" in begun.content.decode()
        assert "0 of 10,000" in begun.content.decode()

        done = staff.get(begun.redirect_chain[-1][0], headers=PART)
        assert done.context["imported"].counts == {"added": 600, "unknown": 9_400}
        assert "hx-trigger" not in done.content.decode()
        assert set(ids) == member_ids(group)
        assert len(done.context["rows"]) == 50
        assert len(as_csv(staff, begun).splitlines()) == 10_001

    def test_a_page_of_outcomes_asks_the_same_however_many_there_are(
        self, campus, staff, group, django_assert_max_num_queries
    ):
        ids = many_learners(campus.course, 150)
        path = add(staff, group, " ".join(f"many_{pk}" for pk in ids)).redirect_chain[-1][0]

        with django_assert_max_num_queries(25):
            answer = staff.get(path, {"page": "3", "outcome": "added"})

        assert len(answer.context["rows"]) == 50


class TestWhoMay:
    def test_nobody_learns_of_accounts_elsewhere(self, campus, staff, group):
        a_learner(campus.foreign, username="zoe", email="zoe@example.com")

        for hidden, absent in (("zoe", "zed"), ("zoe@example.com", "zed@example.com")):
            for act in ("check", "add"):
                answers = [told(add(staff, group, name, act)) for name in (hidden, absent)]
                said = [details(add(staff, group, name, act)) for name in (hidden, absent)]
                assert answers[0] == answers[1]
                assert said[0] == said[1]

    def test_whoever_may_see_everybody_is_told_that_there_is_an_account(self, campus, visitor, group):
        a_learner(campus.foreign, username="zoe", email="zoe@example.com")

        assert told(add(visitor("global_staff"), group, "zoe@example.com")) == ["not_in_population"]

    def test_a_list_is_for_whoever_gave_it(self, visitor, staff, group, ana):
        path = add(staff, group, "ana", "check").redirect_chain[-1][0]

        for who in ("instructor", "staff_of_another_course", "learner"):
            client = visitor(who)
            answers = (client.get(path), client.post(path), client.get(f"{path}outcomes.csv"))
            assert [answer.status_code for answer in answers] == [404] * 3
        assert member_ids(group) == set()

    def test_whoever_has_lost_their_role_sees_it_no_more(self, campus, staff, group, ana):
        path = add(staff, group, "ana", "check").redirect_chain[-1][0]

        CourseAccessRole.objects.all().delete()

        assert staff.get(path).status_code == 404

    @pytest.mark.parametrize("page", ["add", "waiting"])
    @pytest.mark.parametrize("who", ["learner", "staff_of_another_course"])
    def test_the_pages_are_for_those_who_manage_the_group(self, visitor, group, who, page):
        client = visitor(who)

        assert [client.get(address(group, page)).status_code, client.post(address(group, page)).status_code] == [
            404
        ] * 2


class TestWaiting:
    def test_those_who_wait_are_listed_and_removed(self, staff, group):
        add(staff, group, "x@example.com y@example.com")
        first, _second = PendingMember.objects.order_by("email")

        page = staff.get(address(group, "waiting")).content.decode()
        after = staff.post(address(group, "waiting"), {"chosen": [first.pk]}, follow=True).content.decode()

        assert "x@example.com" in page
        assert "1 address waits no longer." in after
        assert [row.email for row in PendingMember.objects.all()] == ["y@example.com"]

    def test_those_of_other_groups_stay(self, campus, staff, group):
        other = a_group(campus.scope)
        add(staff, other, "x@example.com")

        staff.post(address(group, "waiting"), {"chosen": [PendingMember.objects.get().pk, "x", "9" * 30]})

        assert PendingMember.objects.count() == 1

    def test_an_account_that_is_retired_is_in_no_list(self, staff, group, ana):
        add(staff, group, "ana ana@example.com x")

        api.retire_user(ana.pk)

        assert [row.named for row in ImportedPerson.objects.all()] == ["x"]
