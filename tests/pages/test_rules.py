"""Groups with a rule are made, previewed and changed on pages."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.models import UserGroup
from tests.by_api import VERIFIED, a_group, in_mode, many_learners, refreshed
from tests.factories import a_learner, profile, scope_of_course

EMPTY = {"all": []}
PART = {"HX-Request": "true"}


def of_scope(name, scope):
    return reverse(f"openedx_user_groups:pages:{name}", args=[scope])


def of_group(name, group, *more):
    return reverse(f"openedx_user_groups:pages:{name}", args=[group.uuid, *more])


def preview(client, scope, rule, **more):
    text = rule if isinstance(rule, str) else json.dumps(rule)
    return client.post(of_scope("rule_preview", scope), {"rule": text, **more}, headers=PART)


def settings_of(client, scope):
    """What the builder of rules works with."""
    page = client.get(of_scope("new_rule", scope)).content.decode()
    return json.loads(re.search(r'<script id="rule-settings"[^>]*>(.*?)</script>', page)[1])


def text_of(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def people(campus):
    """Three verified learners and one who audits."""
    found = [a_learner(campus.course, "verified", username=f"v{number}") for number in range(3)]
    return [*found, a_learner(campus.course, "audit", username="auditor")]


def test_a_scope_offers_to_make_one(campus, staff):
    assert of_scope("new_rule", campus.scope) in staff.get(of_scope("scope", campus.scope)).content.decode()


def test_a_new_one_is_a_draft_and_shows_who_will_be_in_it(campus, staff, people):
    form = {"name": "Verified", "description": "They paid.", "tags": "a, b", "rule": json.dumps(VERIFIED)}

    answer = staff.post(of_scope("new_rule", campus.scope), form)

    group = UserGroup.objects.get(name="Verified")
    assert (group.status, group.description, group.created_via) == ("draft", "They paid.", "page")
    assert answer.url == of_group("draft", group)
    page = text_of(staff.get(answer.url))
    assert "Enrollment track is verified" in page
    assert "will have <strong>3</strong> members" in page
    assert ("v0" in page, "auditor" in page) == (True, False)


def test_activating_puts_it_in_force_and_asks_for_a_refresh(campus, staff, people):
    staff.post(of_scope("new_rule", campus.scope), {"name": "Verified", "rule": json.dumps(VERIFIED)})
    group = UserGroup.objects.get(name="Verified")

    answer = staff.post(of_group("draft", group), {"act": "activate", "revision": group.revision})

    assert answer.url == of_group("group", group)
    group.refresh_from_db()
    assert group.status == "active"
    assert api.runs_of(group.uuid).exists()


@pytest.fixture
def changed(campus, staff):
    """A group of thirty whose draft would let twenty of them leave and nobody join; see the page of the draft."""
    learners = many_learners(campus.course, 30)
    group = a_group(campus.scope, {"any": [VERIFIED, in_mode("audit")]}, name="Track")
    CourseEnrollment.objects.filter(user__in=learners[:20]).update(mode="audit")
    refreshed(group)
    staff.post(of_group("rule", group), {"rule": json.dumps(VERIFIED), "revision": 1})
    return group


def fields_of(page):
    """What the hidden fields of a form say."""
    return re.findall(r'name="leaving" value="([^"]*)"', page)


# What is done once something is committed is done at once: there is no worker in between.
at_once = pytest.mark.django_db(transaction=True)


@pytest.fixture
def put_in_force(staff):
    """Sends the form of a draft as it was shown; the page that follows."""

    def send(group, leaving):
        answer = staff.post(of_group("draft", group), {"act": "activate", "revision": 2, "leaving": leaving})
        return text_of(staff.get(answer.url))

    return send


@at_once
def test_what_is_unlikely_is_said_before_it_is_done_and_not_asked_twice(staff, changed, put_in_force):
    page = text_of(staff.get(of_group("draft", changed)))
    assert "20 of 30 members would leave within a day; at most 50 percent may." in page
    assert fields_of(page) == [f"{changed.uuid}:20"]

    after = put_in_force(changed, fields_of(page))

    assert "The rule is in force: 0 joined, 20 left." in after
    assert "waits for a decision" not in after
    assert api.get_group(changed.uuid).health == "ok"


@at_once
def test_when_many_more_would_leave_than_was_shown_somebody_decides_and_nothing_else_is_said(changed, put_in_force):
    after = put_in_force(changed, [f"{changed.uuid}:10"])

    assert "The rule is in force, but more people would leave by it than you were shown." in after
    assert "waits for your decision" in after
    assert "brought up to date" not in after


@at_once
@pytest.mark.parametrize("nonsense", ["", "20", ":20", "nobody:20", "{uuid}:", "{uuid}:-1", "{uuid}:1e9", "{uuid}:²"])
def test_nonsense_agrees_to_nothing(changed, put_in_force, nonsense):
    put_in_force(changed, [nonsense.format(uuid=changed.uuid)])

    assert api.get_group(changed.uuid).health == "held"


def test_where_a_worker_does_it_the_page_says_that_it_goes_on(staff, changed):
    answer = staff.post(of_group("draft", changed), {"act": "activate", "revision": 2})

    assert "The rule is in force. The members are being brought up to date." in text_of(staff.get(answer.url))


def test_a_new_draft_can_be_deleted(campus, staff, people):
    group = api.create_group(campus.scope, name="Never mind", rule=VERIFIED)

    page = text_of(staff.get(of_group("draft", group)))

    assert f'href="{of_group("confirm", group, "delete")}"' in page
    staff.post(of_group("confirm", group, "delete"))
    assert UserGroup.objects.get(uuid=group.uuid).status == "deleted"


def test_what_was_typed_stays_when_something_is_wrong(campus, staff):
    rule = {"all": [{"criterion": "last_login", "operator": "more_than_days_ago", "config": {"days": -5}}]}

    answer = staff.post(of_scope("new_rule", campus.scope), {"name": "Mine <b>", "rule": json.dumps(rule)})

    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'data-path="/all/0/config/days"' in page
    assert "It must be 0 or more." in page
    assert "Mine &lt;b&gt;" in page
    assert "-5" in page
    assert not UserGroup.objects.exists()


def test_a_name_that_is_taken_is_told_at_the_name(campus, staff):
    a_group(campus.scope, name="Taken")

    answer = staff.post(of_scope("new_rule", campus.scope), {"name": "taken", "rule": json.dumps(VERIFIED)})

    assert answer.status_code == 409
    assert 'id="name-fault"' in answer.content.decode()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"all"', '{"all": []}', '{"all": 5}', "{" * 5000])
def test_what_is_no_rule_is_refused_and_kept(campus, staff, text):
    answer = staff.post(of_scope("new_rule", campus.scope), {"name": "New", "rule": text})

    assert answer.status_code == 400
    assert not UserGroup.objects.exists()
    assert preview(staff, campus.scope, text).status_code == 200


def test_templates_begin_a_rule(campus, staff):
    page = staff.get(of_scope("new_rule", campus.scope), {"template": "new_this_week"}).content.decode()

    assert "enrollment_date" in page
    assert 'value="New this week"' in page
    for title in ("Inactive learners", "At risk", "Passed without certificate", "Almost passing"):
        assert title in page


def test_a_template_proposes_a_name_that_is_free_and_no_description(campus, staff):
    a_group(campus.scope, name="At risk")

    page = text_of(staff.get(of_scope("new_rule", campus.scope), {"template": "at_risk"}))

    assert 'value="At risk 2"' in page
    assert '<textarea id="description" name="description" rows="4" maxlength="10000"> </textarea>' in page
    form = {"name": "At risk 2", "rule": json.dumps(VERIFIED)}
    assert staff.post(of_scope("new_rule", campus.scope), form).status_code == 302


def test_a_preview_counts_and_names_people(campus, staff, people):
    part = text_of(preview(staff, campus.scope, VERIFIED))

    assert "<html" not in part
    assert "Enrollment track is verified" in part
    assert "<strong data-count-all>3</strong>" in part
    assert "of 4 people, 75.0%" in part
    assert ("v0" in part, "auditor" in part) == (True, False)


def test_a_preview_of_the_rule_of_a_group_says_who_is_kept_out(campus, staff, people):
    group = a_group(campus.scope, VERIFIED)
    matched = api.preview(campus.scope, VERIFIED, user_ids=True).user_ids
    api.exclude(group.uuid, matched[:1])

    text = text_of(staff.post(of_group("group_rule_preview", group), {"rule": json.dumps(VERIFIED)}, headers=PART))

    assert "1 person whom the rule wants is kept out by hand, and not counted." in text
    assert of_group("group_rule_preview", group) in text_of(staff.get(of_group("rule", group)))


def test_a_preview_counts_those_without_data_apart(campus, staff, people):
    rule = {"any": [{"criterion": "course_grade", "operator": ">=", "config": {"percent": 0}}, *VERIFIED["all"]]}

    part = text_of(preview(staff, campus.scope, rule))

    assert "no data about 4" in part
    assert "true of nobody" in part


def test_a_preview_says_who_is_left_step_by_step(campus, staff, people):
    rule = {
        "all": [
            *VERIFIED["all"],
            {"criterion": "user_field", "operator": "is", "config": {"field": "username", "value": "v1"}},
        ]
    }

    part = text_of(preview(staff, campus.scope, rule))

    assert "step by step" in part
    assert '<span dir="auto">Enrollment track is verified</span> <strong>3</strong>' in part
    assert "<strong>1</strong>" in part


def test_people_are_shown_a_page_at_a_time(campus, staff):
    for number in range(23):
        a_learner(campus.course, "verified", username=f"learner{number:02}")

    first, third = (text_of(preview(staff, campus.scope, VERIFIED, page=page)) for page in (1, 3))

    assert ("learner00" in first, "learner10" in first, 'value="2"' in first) == (True, False, True)
    assert ("learner22" in third, "More people" in third) == (True, False)
    assert preview(staff, campus.scope, VERIFIED, page="x").status_code == 200


def test_a_preview_takes_few_queries(campus, staff, people, django_assert_max_num_queries):
    preview(staff, campus.scope, VERIFIED)
    with django_assert_max_num_queries(25):
        preview(staff, campus.scope, VERIFIED)


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        (
            {
                "any": [
                    {"criterion": "enrollment_mode", "operator": op, "config": {"modes": ["audit"]}}
                    for op in ("in", "not_in")
                ]
            },
            "always true",
        ),
        (
            {
                "all": [
                    {"criterion": "enrollment_mode", "operator": op, "config": {"modes": ["audit"]}}
                    for op in ("in", "not_in")
                ]
            },
            "never true",
        ),
        (
            {
                "any": [
                    {"criterion": "enrollment_mode", "operator": "not_in", "config": {"modes": [mode]}}
                    for mode in ("audit", "verified")
                ]
            },
            "nearly everybody",
        ),
        (
            {
                "any": [
                    {"criterion": "course_passed", "operator": "is_false", "config": {}},
                    {"criterion": "certificate", "operator": "is_false", "config": {}},
                ]
            },
            "nearly everybody",
        ),
        (
            {
                "all": [
                    {"criterion": "course_grade", "operator": "<", "config": {"percent": 40}},
                    {"criterion": "course_grade", "operator": ">", "config": {"percent": 60}},
                ]
            },
            "never true: “course grade is below 40%”, “course grade is above 60%”.",
        ),
        (
            {
                "none": [
                    {"criterion": "country", "operator": "not_in", "config": {"values": [code]}}
                    for code in ("DE", "FR")
                ]
            },
            "never true: “country is not Germany”, “country is not France”.",
        ),
        ({"any": VERIFIED["all"] * 2}, "“enrollment track is verified” stands here more than once"),
        (
            {"all": [{"criterion": "enrollment_mode", "operator": "in", "config": {"modes": ["audit", "verified"]}}]},
            "true of everybody here now",
        ),
        (
            {"all": [{"criterion": "enrollment_mode", "operator": "in", "config": {"modes": ["honor"]}}]},
            "true of nobody now",
        ),
    ],
)
def test_what_is_probably_not_meant_is_pointed_out(campus, staff, people, rule, hint):
    assert hint in text_of(preview(staff, campus.scope, rule))


def test_a_rule_that_says_something_has_no_hints(campus, staff, people):
    assert "data-hint" not in text_of(preview(staff, campus.scope, VERIFIED))


def test_without_scripts_the_form_tries_it_out(campus, staff, people):
    form = {"name": "Mine", "rule": json.dumps(VERIFIED), "act": "preview"}

    page = text_of(staff.post(of_scope("new_rule", campus.scope), form))

    assert "of 4 people" in page
    assert 'value="Mine"' in page
    assert not UserGroup.objects.exists()


def test_a_changed_rule_shows_who_joins_and_leaves_before_it_applies(campus, staff, people):
    group = a_group(campus.scope, VERIFIED, name="Track")
    refreshed(group)

    answer = staff.post(of_group("rule", group), {"rule": json.dumps(in_mode("audit")), "revision": 1})
    page = text_of(staff.get(answer.url))

    assert answer.url == of_group("draft", group)
    assert ("1 joins" in page, "3 leave" in page) == (True, True)
    assert ("auditor" in page, "v0" in page) == (True, True)
    assert api.get_group(group.uuid).rule == VERIFIED
    assert "v2" in staff.get(of_group("draft_people", group, "leaving")).content.decode()
    assert "auditor" in staff.get(of_group("draft_people", group, "joining")).content.decode()

    staff.post(of_group("draft", group), {"act": "activate", "revision": 2})
    assert api.get_group(group.uuid).rule == in_mode("audit")


def test_what_a_draft_does_to_other_groups_costs_as_much_for_many_of_them(campus, staff, people):
    def looked_at(number):
        collection = api.create_collection(campus.scope, name=f"Of {number}")
        names = [f"{number}.{place}" for place in range(number)]
        draft, *others = (a_group(campus.scope, VERIFIED, name=name, collection=collection.uuid) for name in names)
        refreshed(draft)
        for group in others:
            api.update_group(group.uuid, revision=1, rule=in_mode("audit"))
            api.activate_group(group.uuid, revision=2)
        api.update_group(draft.uuid, revision=1, rule=in_mode("honor"))
        with CaptureQueriesContext(connection) as sent:
            text = text_of(staff.get(of_group("draft", draft)))
        assert "leave" in text
        return len(sent)

    # Each rule of the collection is asked once; PostgreSQL counts the cursor by which it is read.
    assert looked_at(8) <= looked_at(3) + 20


def test_a_draft_is_discarded(campus, staff, people):
    group = a_group(campus.scope, VERIFIED, name="Track")
    staff.post(of_group("rule", group), {"rule": json.dumps(in_mode("audit")), "revision": 1})

    assert staff.post(of_group("draft", group), {"act": "discard", "revision": 7}).status_code == 409
    answer = staff.post(of_group("draft", group), {"act": "discard", "revision": 2})

    assert answer.url == of_group("rule", group)
    assert api.get_group(group.uuid).draft_revision is None
    assert staff.get(of_group("draft", group)).url == of_group("rule", group)
    assert staff.post(of_group("draft", group), {"act": "discard", "revision": 2}).status_code == 409


def test_of_whoever_has_left_the_course_a_draft_tells_the_user_name_only(campus, staff, people):
    group = a_group(campus.scope, VERIFIED, name="Track")
    profile(people[0], name="Ana Secret")
    refreshed(group)
    staff.post(of_group("rule", group), {"rule": json.dumps(in_mode("audit")), "revision": 1})
    CourseEnrollment.objects.filter(user=people[0]).update(is_active=False)

    for page in (of_group("draft", group), of_group("draft_people", group, "leaving")):
        text = text_of(staff.get(page))
        assert "v0" in text
        assert "Ana Secret" not in text


def test_tried_out_without_scripts_the_form_still_knows_from_which_revision_it_began(campus, staff, people):
    group = a_group(campus.scope, VERIFIED, name="Track")
    api.update_group(group.uuid, revision=1, rule=in_mode("honor"))

    answer = staff.post(
        of_group("rule", group), {"rule": json.dumps(in_mode("audit")), "revision": 1, "act": "preview"}
    )

    assert 'name="revision" value="1"' in text_of(answer)


def test_a_stale_form_keeps_what_was_built(campus, staff, people):
    group = a_group(campus.scope, VERIFIED, name="Track")
    api.update_group(group.uuid, revision=1, rule=in_mode("honor"))

    answer = staff.post(of_group("rule", group), {"rule": json.dumps(in_mode("audit")), "revision": 1})

    page = text_of(answer)
    assert answer.status_code == 409
    assert "Enrollment track is honor" in page
    assert "audit" in page
    assert 'name="revision" value="2"' in page


def test_a_stale_activation_shows_the_newest_draft(campus, staff, people):
    group = a_group(campus.scope, VERIFIED, name="Track")
    api.update_group(group.uuid, revision=1, rule=in_mode("honor"))
    api.update_group(group.uuid, revision=2, rule=in_mode("audit"))

    answer = staff.post(of_group("draft", group), {"act": "activate", "revision": 2})

    assert answer.status_code == 409
    assert 'name="revision" value="3"' in text_of(answer)
    assert api.get_group(group.uuid).rule == VERIFIED


def test_a_rule_that_is_as_it_was_changes_nothing(campus, staff):
    group = a_group(campus.scope, VERIFIED, name="Track")

    answer = staff.post(of_group("rule", group), {"rule": json.dumps(VERIFIED), "revision": 1})

    assert answer.url == of_group("rule", group)
    assert api.get_group(group.uuid).draft_revision is None


def test_a_group_by_hand_can_get_a_rule(campus, staff, people):
    group = a_group(campus.scope, name="By hand")
    assert '<details class="giving">' in text_of(staff.get(of_group("rule", group)))

    answer = staff.post(of_group("rule", group), {"rule": json.dumps(VERIFIED), "revision": 1})

    assert "3 join" in text_of(staff.get(answer.url))


def test_a_rule_stands_in_its_own_direction(campus, staff, people):
    group = a_group(campus.scope, VERIFIED, name="Track")
    sentence = "Enrollment track is verified"

    assert f'dir="auto">{sentence}</p>' in text_of(staff.get(of_group("rule", group)))
    assert f"<bdi>{sentence}</bdi>" in text_of(staff.get(of_group("group", group)))
    assert "<h1><bdi>Track</bdi>" in text_of(staff.get(of_group("group", group)))


def test_a_rule_that_names_what_one_may_not_see_cannot_be_edited(campus, staff):
    foreign = a_group(scope_of_course(campus.foreign), name="Secret")
    rule = {"all": [{"criterion": "group_member", "operator": "in", "config": {"groups": [str(foreign.uuid)]}}]}
    row = UserGroup.objects.get(uuid=a_group(campus.scope, VERIFIED, name="Track").uuid)
    row.criteria.exclude(criterion="").update(criterion="group_member", operator="in", config=rule["all"][0]["config"])

    page = staff.get(of_group("rule", row)).content.decode()

    assert "you may not see" in page
    assert str(foreign.uuid) not in page
    assert "<textarea" not in page


def test_values_are_suggested(campus, staff, people):
    a_group(campus.scope, name="Helpers")
    a_group(scope_of_course(campus.sibling), name="Helpers elsewhere")
    address = of_scope("rule_suggestions", campus.scope)

    modes = staff.get(address, {"criterion": "enrollment_mode", "key": "modes"}).json()["values"]
    groups = staff.get(address, {"criterion": "group_member", "key": "groups", "search": "help"}).json()["values"]

    assert [each["value"] for each in modes] == ["audit", "verified"]
    assert [each["title"] for each in groups] == ["Helpers"]


def test_the_picker_and_the_list_of_criteria_speak_to_teachers(campus, staff):
    page = staff.get(of_scope("new_rule", campus.scope)).content.decode()

    assert "Whether somebody is in certain groups." in page
    assert "openedx-authz" not in page
    assert "UUID may also be" not in page
    assert all(0 < len(each["summary"]) < 80 for each in settings_of(staff, campus.scope)["types"])


def test_fields_that_want_explaining_have_a_hint(campus, staff):
    hints = {each["name"]: each["operators"][0]["hints"] for each in settings_of(staff, campus.scope)["types"]}

    assert hints["block_completed"].keys() == hints["assignment_grade"].keys() == {"usage_key"}
    assert hints["course_grade"] == {}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"criterion": "nonsense", "key": "x"}, 400),
        ({"criterion": "last_login", "key": "days"}, 400),
        ({"criterion": "enrolled_in_course", "key": "course_keys"}, 400),
        ({}, 400),
    ],
)
def test_what_suggests_nothing_says_so(campus, staff, query, status):
    assert staff.get(of_scope("rule_suggestions", campus.scope), query).status_code == status


@pytest.mark.parametrize(
    ("who", "status"), [("learner", 404), ("staff_of_another_course", 404), ("disabled", 404), ("staff", 200)]
)
def test_only_who_manages_the_scope_tries_rules_out(campus, visitor, who, status):
    client = visitor(who)

    assert client.get(of_scope("new_rule", campus.scope)).status_code == status
    assert preview(client, campus.scope, VERIFIED).status_code == status
    query = {"criterion": "enrollment_mode", "key": "modes"}
    assert client.get(of_scope("rule_suggestions", campus.scope), query).status_code == status


def test_the_draft_is_for_those_who_manage_the_group(campus, visitor):
    group = a_group(campus.scope, VERIFIED, name="Track")
    api.update_group(group.uuid, revision=1, rule=in_mode("audit"))
    client = visitor("staff_of_another_course")

    for address in (of_group("rule", group), of_group("draft", group), of_group("draft_people", group, "joining")):
        assert client.get(address).status_code == 404
