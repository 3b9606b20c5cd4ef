"""Groups are made by hand, edited, paused, put away and deleted."""

from uuid import uuid4

import pytest
from django.test import override_settings

from openedx_user_groups import api
from openedx_user_groups.models import UserGroup
from tests.by_api import VERIFIED, a_group, leaf, row_of
from tests.factories import a_learner

GROUP = {"name": "Helpers", "description": "They answer\r\nquestions.", "tags": "red, , Forum"}


def new(campus):
    return f"/user_groups/course/{campus.scope.key}/new/"


def settings(group, act=""):
    return f"/user_groups/groups/{group.uuid}/settings/" + (f"{act}/" if act else "")


def edit(group, **changes):
    return {"name": group.name, "description": "", "tags": "", "revision": group.revision, **changes}


class TestMaking:
    def test_the_page_of_a_course_leads_there(self, campus, staff):
        assert new(campus) in staff.get(f"/user_groups/course/{campus.scope.key}/").content.decode()

    def test_a_group_has_what_was_typed(self, campus, staff):
        answer = staff.post(new(campus), GROUP)

        (group,) = api.groups_data(api.groups_in(campus.scope))
        assert answer.status_code == 302
        assert str(group.uuid) in answer.url
        assert (group.name, group.description, group.tags) == ("Helpers", "They answer\nquestions.", ("red", "Forum"))
        assert (group.created_via, group.status, group.is_dynamic) == ("page", "active", False)
        assert group.created_by_id == campus.person("staff").pk

    @pytest.mark.parametrize(
        ("typed", "status", "said"),
        [
            ({"name": "  "}, 400, "Give it a name"),
            ({"name": "a" * 256}, 400, "256 characters long"),
            ({"name": "red"}, 409, "already"),
            ({"tags": "x" * 65}, 400, "at most 64"),
            ({"description": "x" * 10_001}, 400, "10000 characters at most"),
            ({"name": "nu\0l"}, 400, "cannot be stored"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(self, campus, staff, typed, status, said):
        a_group(campus.scope, name="Red")

        answer = staff.post(new(campus), {**GROUP, **typed})

        assert answer.status_code == status
        assert said in answer.content.decode()
        assert 'aria-invalid="true"' in answer.content.decode()
        assert "questions." in answer.content.decode() or "description" in typed
        assert api.groups_in(campus.scope).count() == 1

    def test_html_in_a_name_is_text(self, campus, staff):
        staff.post(new(campus), {**GROUP, "name": "<script>alert(1)</script>"})

        (group,) = api.groups_in(campus.scope)
        page = staff.get(settings(group)).content.decode()
        assert group.name == "<script>alert(1)</script>"
        assert "<script>alert" not in page

    @pytest.mark.parametrize("who", ["learner", "staff_of_another_course"])
    def test_nobody_else_may(self, campus, visitor, who):
        answer = visitor(who).post(new(campus), GROUP)

        assert answer.status_code == 404
        assert not UserGroup.objects.exists()


class TestEditing:
    def test_the_form_has_what_is_stored(self, campus, staff):
        group = a_group(campus.scope, name="Red", description="Warm", tags=["a", "b"])

        page = staff.get(settings(group)).content.decode()

        assert 'value="Red"' in page
        assert "Warm" in page
        assert 'value="a, b"' in page

    def test_it_is_saved_as_a_new_revision(self, campus, staff):
        group = a_group(campus.scope, VERIFIED, name="Red")

        answer = staff.post(settings(group), edit(group, name="Blue", tags="sea"), follow=True)

        after = api.get_group(group.uuid)
        assert "Saved." in answer.content.decode()
        assert (after.name, after.tags, after.rule) == ("Blue", ("sea",), group.rule)
        assert after.revision == group.revision + 1

    def test_what_others_have_saved_meanwhile_is_shown_and_not_overwritten(self, campus, staff):
        group = a_group(campus.scope, name="Red")
        api.update_group(group.uuid, revision=group.revision, name="Green")

        answer = staff.post(settings(group), edit(group, name="Blue"))

        page = answer.content.decode()
        assert answer.status_code == 409
        assert "Somebody else has saved" in page
        assert 'value="Blue"' in page
        assert "<dd>Green</dd>" in page
        assert api.get_group(group.uuid).name == "Green"
        # Seen, and saved again: now it is meant.
        assert f'name="revision" value="{group.revision + 1}"' in page

    @pytest.mark.parametrize("revision", ["", "x", "-1", "٧", "9" * 30])
    def test_a_revision_that_is_none_is_not_the_newest(self, campus, staff, revision):
        group = a_group(campus.scope, name="Red")

        assert staff.post(settings(group), edit(group, name="Blue", revision=revision)).status_code == 409

    @override_settings(OPENEDX_USER_GROUPS_PERMISSION_BACKEND="tests.rest_api.test_permission_matrix.EverybodyLooks")
    def test_whoever_may_only_view_is_shown_no_form(self, campus, visitor):
        group = a_group(campus.scope, name="Red")
        client = visitor("learner")

        assert "<form" not in client.get(settings(group)).content.decode()
        assert client.post(settings(group), edit(group, name="Blue")).status_code == 403
        assert client.post(settings(group, "delete")).status_code == 403
        assert api.get_group(group.uuid).name == "Red"

    def test_other_courses_do_not_exist(self, campus, visitor):
        group = a_group(campus.scope, name="Red")
        client = visitor("staff_of_another_course")

        for answer in (client.get(settings(group)), client.post(settings(group), edit(group, name="Blue"))):
            assert answer.status_code == 404


@pytest.fixture
def team(campus):
    """A group that learners join by themselves, with three of them in it."""
    collection = api.create_collection(campus.scope, name="Topics", kind="self")
    group = api.create_group(campus.scope, name="Rivers", collection=collection.uuid)
    for _number in range(3):
        api.join_group(group.uuid, a_learner(campus.course).pk)
    return api.get_group(group.uuid)


class TestOptions:
    def test_those_of_a_group_with_a_rule_are_shown_and_saved(self, campus, staff):
        group = a_group(campus.scope, VERIFIED, name="Red", refresh_every=7200)
        page = staff.get(settings(group)).content.decode()
        for said in ("What refreshes do", "Add only", '<option value="7200" selected>', "Left empty, it is 50"):
            assert said in page
        assert 'name="size_limit"' not in page
        form = {"update_mode": "add", "refresh_every": "86400", "removal_limit": "20"}

        staff.post(settings(group), edit(group, **form))

        after = api.get_group(group.uuid)
        assert (after.update_mode, after.refresh_every, after.removal_limit) == ("add", 86400, 20)
        staff.post(settings(after), edit(after, update_mode="add", refresh_every="", removal_limit=""))
        after = api.get_group(group.uuid)
        assert (after.update_mode, after.refresh_every, after.removal_limit) == ("add", None, None)

    def test_what_the_form_does_not_say_stays(self, campus, staff):
        group = a_group(campus.scope, VERIFIED, name="Red", update_mode="add", removal_limit=7)

        staff.post(settings(group), edit(group, name="Blue"))

        after = api.get_group(group.uuid)
        assert (after.name, after.update_mode, after.removal_limit) == ("Blue", "add", 7)

    @pytest.mark.parametrize("typed", ["101", "-1", "1.5", "many", "٧", "9" * 30])
    def test_what_is_no_number_is_said_at_its_field(self, campus, staff, typed):
        group = a_group(campus.scope, VERIFIED, name="Red")

        answer = staff.post(settings(group), edit(group, removal_limit=typed))

        page = answer.content.decode()
        assert answer.status_code == 400
        assert "Give a whole number from 0 to 100, or leave it empty." in page
        assert f'value="{typed}"' in page

    def test_a_group_by_hand_has_none(self, campus, staff):
        group = a_group(campus.scope, name="Red")

        assert "<fieldset" not in staff.get(settings(group)).content.decode()
        staff.post(settings(group), edit(group, removal_limit="5", size_limit="5"))
        assert (api.get_group(group.uuid).removal_limit, api.get_group(group.uuid).size_limit) == (None, None)

    @pytest.mark.parametrize(
        ("places", "said"),
        [
            ("4", None),
            ("", None),
            ("0", "It has no places: nobody can join it."),
            ("2", "It has 3 members and 2 places: nobody has to leave, and nobody can join."),
        ],
    )
    def test_places_are_of_groups_that_learners_join_and_what_is_odd_is_said(self, team, staff, places, said):
        page = staff.get(settings(team)).content.decode()
        assert "Left empty, it is 500" in page
        assert 'name="removal_limit"' not in page

        answer = staff.post(settings(team), edit(team, size_limit=places), follow=True).content.decode()

        assert api.get_group(team.uuid).size_limit == (int(places) if places else None)
        assert "Saved." in answer
        assert said in answer if said else "places:" not in answer


class TestActs:
    @pytest.mark.parametrize(("act", "status"), [("pause", "paused"), ("archive", "archived"), ("delete", "deleted")])
    def test_it_is_said_what_an_act_does_and_then_done(self, campus, staff, act, status):
        group = a_group(campus.scope, name="Red")
        api.add_members(group.uuid, [a_learner(campus.course).pk])

        page = staff.get(settings(group, act)).content.decode()
        assert "<strong>1</strong> member" in page
        assert row_of(group).status == "active"

        assert staff.post(settings(group, act)).status_code == 302
        assert row_of(group).status == status
        assert api.members(group.uuid).count() == 1 if act != "delete" else row_of(group).member_count == 0

    @pytest.mark.parametrize("before", [api.pause_group, api.archive_group])
    def test_a_group_that_was_put_away_is_taken_up_again(self, campus, staff, before):
        group = a_group(campus.scope, name="Red")
        before(group.uuid)

        staff.post(settings(group, "activate"))

        assert row_of(group).status == "active"

    def test_a_draft_is_not_activated_without_a_look_at_whom_it_will_hold(self, campus, staff):
        draft = api.create_group(campus.scope, name="Verified", rule=VERIFIED)

        assert staff.get(settings(draft, "activate")).status_code == 404
        assert staff.post(settings(draft, "activate")).status_code == 404
        assert row_of(draft).status == "draft"

    def test_what_no_database_can_store_is_kept_by_its_code(self, campus, staff):
        group = a_group(campus.scope, name="Red")

        staff.post(settings(group, "pause"), {"reason": "Sum\0mer"})

        assert row_of(group).status_reason == "Sum\\0mer"

    def test_what_was_typed_for_a_group_that_was_put_away_meanwhile_is_shown(self, campus, staff):
        group = a_group(campus.scope, name="Red")
        api.archive_group(group.uuid)

        answer = staff.post(settings(group), edit(group, name="Blue <b>", description="All the words"))

        assert answer.status_code == 409
        page = answer.content.decode()
        assert "Blue &lt;b&gt;" in page
        assert "All the words" in page

    def test_why_it_is_paused_is_kept(self, campus, staff):
        group = a_group(campus.scope, name="Red")

        staff.post(settings(group, "pause"), {"reason": "Summer"})

        assert "Summer" in staff.get(settings(group)).content.decode()

    @pytest.mark.parametrize("act", ["archive", "delete"])
    def test_what_others_are_built_on_stays_and_they_are_named(self, campus, staff, act):
        group = a_group(campus.scope, name="Red")
        rule = {"all": [leaf("group_member", "in", groups=[str(group.uuid)])]}
        a_group(campus.scope, rule, name="Built on red")

        asked, done = staff.get(settings(group, act)), staff.post(settings(group, act))

        assert "Built on red" in asked.content.decode()
        assert "<form" not in asked.content.decode()
        assert done.status_code == 409
        assert "Built on red" in done.content.decode()
        assert row_of(group).status == "active"

    def test_a_second_click_on_delete_deletes_nothing_else(self, campus, staff):
        group = a_group(campus.scope, name="Red")

        assert [staff.post(settings(group, "delete")).status_code for _click in range(2)] == [302, 404]

    def test_nothing_is_done_by_a_look_at_it(self, campus, staff):
        group = a_group(campus.scope, name="Red")

        for act in ("pause", "activate", "archive", "delete"):
            assert staff.get(settings(group, act)).status_code == 200
        assert row_of(group).status == "active"

    def test_there_are_no_other_acts(self, campus, staff):
        group = a_group(campus.scope, name="Red")

        assert staff.post(settings(group, "explode")).status_code == 404

    def test_nobody_else_may(self, campus, visitor):
        group = a_group(campus.scope, name="Red")

        for act in ("pause", "archive", "delete"):
            assert visitor("staff_of_another_course").post(settings(group, act)).status_code == 404
        assert row_of(group).status == "active"

    def test_there_is_no_such_group(self, campus, staff):
        assert staff.get(f"/user_groups/groups/{uuid4()}/settings/").status_code == 404
