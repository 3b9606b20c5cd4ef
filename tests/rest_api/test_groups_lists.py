"""groups/: lists, with filters, orders and pages."""

from uuid import uuid4

import pytest
from django.test import override_settings
from edx_rest_framework_extensions.testing import assert_error_envelope

from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel
from openedx_user_groups import api
from openedx_user_groups.models import UserGroup
from openedx_user_groups.platform.toggles import NAME
from tests.by_api import VERIFIED, a_group, edited, in_mode, leaf, statements
from tests.factories import (
    a_learner,
    a_user,
    days_ago,
    scope_of_course,
    scope_of_instance,
    scope_of_organization,
)
from tests.rest_api.campus import FOREIGN_KEY, KEY, SIBLING_KEY, address


def names(response):
    assert response.status_code == 200, response.content
    return [group["name"] for group in response.json()["results"]]


def listed(client, **query):
    return names(client.get(address("groups"), query))


@pytest.fixture
def groups(campus):
    """One group in every scope, named after it."""
    return [
        a_group(scope_of_course(campus.course), name="course"),
        a_group(scope_of_course(campus.sibling), name="sibling"),
        a_group(scope_of_course(campus.foreign), name="foreign"),
        a_group(scope_of_organization(), name="organization"),
        a_group(scope_of_instance(), name="instance"),
    ]


@pytest.mark.usefixtures("groups")
@pytest.mark.parametrize(
    ("who", "visible"),
    [
        ("learner", []),
        ("disabled", []),
        ("staff", ["course"]),
        ("staff_of_another_course", ["sibling"]),
        ("staff_of_the_organization", ["course", "organization", "sibling"]),
        ("staff_of_another_organization", ["foreign"]),
        ("global_staff", ["course", "foreign", "instance", "organization", "sibling"]),
    ],
)
def test_the_list_has_what_one_may_see(campus, who, visible):
    assert listed(campus.client(who)) == visible


@pytest.mark.usefixtures("groups")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"course_key": KEY}, ["course"]),
        ({"course_key": FOREIGN_KEY}, ["foreign"]),
        ({"course_key": "course-v1:Acme+None+2026"}, []),
        ({"course_key": KEY.lower()}, []),
        ({"organization": "Acme"}, ["course", "organization", "sibling"]),
        ({"organization": "aCME"}, ["course", "organization", "sibling"]),
        ({"organization": "Nobody"}, []),
        ({"organization": "Acme", "scope_type": "organization"}, ["organization"]),
        ({"organization": "Acme", "course_key": FOREIGN_KEY}, []),
        ({"organization": "Acme", "course_key": SIBLING_KEY}, ["sibling"]),
        ({"scope_type": "course"}, ["course", "foreign", "sibling"]),
        ({"scope_type": "instance"}, ["instance"]),
    ],
)
def test_it_is_narrowed_to_scopes(admin, query, found):
    assert listed(admin, **query) == found


def test_it_is_narrowed_by_what_groups_are(campus, staff):
    dynamic = a_group(campus.scope, VERIFIED, name="Dynamic", tags=["Café", "x"], description="who PAYS")
    draft = api.create_group(campus.scope, name="Draft", rule=VERIFIED)
    paused = api.pause_group(a_group(campus.scope, name="100% paused", tags=["x"]).uuid)
    UserGroup.objects.filter(uuid=draft.uuid).update(health="broken")
    api.delete_group(a_group(campus.scope, name="Deleted").uuid)

    assert set(listed(staff, is_dynamic="true")) == {dynamic.name, draft.name}
    assert listed(staff, is_dynamic="false") == [paused.name]
    assert set(listed(staff, status=["draft", "paused"])) == {"Draft", "100% paused"}
    assert set(listed(staff, tag="X")) == {"Dynamic", "100% paused"}
    assert listed(staff, tag="CAFÉ") == ["Dynamic"]
    assert listed(staff, health="broken") == ["Draft"]
    assert listed(staff, search="pays") == ["Dynamic"]
    assert listed(staff, search="0%") == ["100% paused"]
    assert listed(staff, search="dynamic", is_dynamic="false") == []


def test_it_is_narrowed_by_how_groups_are_refreshed_and_what_waits(campus, staff):
    collection = api.create_collection(campus.scope, name="Teams").uuid
    a_group(campus.scope, name="Usual", collection=collection)
    a_group(campus.scope, name="Growing", update_mode="add")
    a_group(campus.scope, name="By hand", method="request")
    changed = a_group(campus.scope, VERIFIED, name="Changed")
    api.update_group(changed.uuid, revision=1, rule=in_mode("audit"))

    assert listed(staff, collection=collection) == ["Usual"]
    assert listed(staff, collection=uuid4()) == []
    assert listed(staff, update_mode="add") == ["Growing"]
    assert listed(staff, method="request") == ["By hand"]
    assert listed(staff, has_draft="true") == ["Changed"]
    assert set(listed(staff, has_draft="false")) == {"Usual", "Growing", "By hand"}


def test_it_is_ordered_by_what_is_asked_for(campus, staff):
    groups = {name: a_group(campus.scope, name=name) for name in ("b", "a", "c")}
    for number, (name, days) in enumerate({"b": 3, "a": None, "c": 1}.items()):
        UserGroup.objects.filter(uuid=groups[name].uuid).update(
            member_count=number,
            last_refreshed=days and days_ago(days),
            created=days_ago(days or 9),
            modified=days_ago(days or 9),
        )

    orders = {by: "".join(listed(staff, ordering=by)) for by in ("name", "-name", "member_count", "-member_count")}
    assert orders == {"name": "abc", "-name": "cba", "member_count": "bac", "-member_count": "cab"}
    assert "".join(listed(staff)) == "abc"
    assert "".join(listed(staff, ordering="created")) == "abc"
    assert "".join(listed(staff, ordering="-modified")) == "cba"
    # Those never refreshed stand last in both orders.
    assert "".join(listed(staff, ordering="last_refreshed")) == "bca"
    assert "".join(listed(staff, ordering="-last_refreshed")) == "cba"
    UserGroup.objects.filter(name="c").update(next_due=days_ago(1))
    UserGroup.objects.filter(name="b").update(next_due=days_ago(2))
    # Those that are never due as well.
    assert "".join(listed(staff, ordering="next_due")) == "bca"


def test_pages_have_ten_unless_they_are_asked_for_otherwise(campus, staff):
    for number in range(12):
        a_group(campus.scope, name=f"Group {number:02}")

    first = staff.get(address("groups")).json()
    last = staff.get(address("groups"), {"page": 2}).json()

    assert [len(first["results"]), len(last["results"])] == [10, 2]
    assert {key: first[key] for key in first if key not in ("results", "next")} == {
        "previous": None,
        "count": 12,
        "num_pages": 2,
        "current_page": 1,
        "start": 0,
    }
    assert staff.get(first["next"]).json() == last
    assert len(listed(staff, page_size=100)) == 12


def test_in_few_words_a_group_is_five_things(campus, staff):
    a_group(campus.scope, VERIFIED, name="Verified")

    (group,) = staff.get(address("groups"), {"view": "minimal"}).json()["results"]

    assert set(group) == {"uuid", "name", "status", "is_dynamic", "member_count"}
    assert (group["name"], group["status"], group["is_dynamic"]) == ("Verified", "active", True)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("nonsense=1", "nonsense"),
        ("name=Tutors", "name"),
        ("scope=course", "scope"),
        ("page_size=101", "page_size"),
        ("page_size=1000000000", "page_size"),
        ("page_size=abc", "page_size"),
        ("page_size=0", "page_size"),
        ("page_size=-1", "page_size"),
        ("page=abc", "page"),
        ("page=0", "page"),
        ("page=", "page"),
        ("page=last", "page"),
        ("course_key=nonsense", "course_key"),
        ("course_key=", "course_key"),
        ("course_key=a%00b", "course_key"),
        ("organization=", "organization"),
        ("scope_type=planet", "scope_type"),
        ("status=deleted", "status"),
        ("status=active&status=nonsense", "status"),
        ("is_dynamic=perhaps", "is_dynamic"),
        ("health=fine", "health"),
        ("ordering=description", "ordering"),
        ("ordering=collection__uuid", "ordering"),
        ("ordering=--name", "ordering"),
        ("ordering=name,created", "ordering"),
        ("view=full", "view"),
        ("collection=nonsense", "collection"),
        ("update_mode=nothing", "update_mode"),
        ("method=magic", "method"),
        ("has_draft=perhaps", "has_draft"),
        ("search=%00", "search"),
        ("tag=" + "x" * 65, "tag"),
        ("fields=name", "fields"),
    ],
)
def test_a_parameter_that_is_wrong_is_named(staff, query, parameter):
    response = staff.get(f"{address('groups')}?{query}")

    body = assert_error_envelope(response, 400, "validation")
    assert set(body["errors"]) == {parameter}


@pytest.mark.parametrize("page", [2, 10**9, 10**30])
def test_a_page_that_is_not_there_is_not_found(staff, page):
    assert_error_envelope(staff.get(address("groups"), {"page": page}), 404, "not-found")


@pytest.mark.usefixtures("groups")
def test_scopes_where_groups_are_off_are_left_out(campus, admin, staff):
    WaffleFlagCourseOverrideModel.objects.create(
        waffle_flag=NAME, course_id=campus.course.id, override_choice="off", enabled=True
    )

    assert listed(admin) == ["foreign", "instance", "organization", "sibling"]
    assert listed(staff) == []
    assert staff.get(address("groups"), {"course_key": KEY}).status_code == 404
    # Whether they are off in a course that one may not see is nothing to tell.
    assert listed(campus.client("staff_of_another_course"), course_key=KEY) == []


@pytest.mark.usefixtures("groups")
@override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=False)
def test_where_they_are_off_everywhere_nothing_is_listed_or_found(campus, admin):
    group = UserGroup.objects.first()

    assert listed(admin) == []
    assert admin.get(address("group", group.uuid)).status_code == 404
    assert admin.delete(address("group", group.uuid)).status_code == 404


@pytest.mark.parametrize("query", [{}, {"view": "minimal"}, {"search": "Group", "ordering": "-member_count"}])
def test_the_queries_do_not_grow_with_groups_and_members(campus, admin, query):
    def make(number, scope):
        author = a_user()
        group = a_group(
            scope, {"all": [leaf("last_login", "within_days", days=9)]}, tags=["a", "b"], acting_user=author
        )
        api.add_members(group.uuid, [a_learner(campus.course).username for _ in range(number)])

    make(1, campus.scope)
    # The first request asks for what is kept from then on: flags, and who is logged in.
    admin.get(address("groups"), query)
    with statements() as few:
        assert len(listed(admin, **query)) == 1
    for number in range(4):
        make(number, [campus.scope, scope_of_organization(), scope_of_instance()][number % 3])
    with statements() as many:
        assert len(listed(admin, **query)) == 5

    assert len(many) <= len(few)


def test_the_queries_do_not_grow_with_groups_that_name_others(campus, staff):
    def make():
        named, other = a_group(campus.scope), a_group(campus.scope)
        rule = {"all": [leaf("group_member", "in", groups=[str(named.uuid)])]}
        group = a_group(campus.scope, rule)
        rest = api.get_collection(other.collection_uuid).rest_uuid
        rule = {"all": [leaf("group_member", "in", groups=[str(named.uuid), str(rest)])]}
        edited(group, rule=rule)
        return group

    first = make()
    listed(staff)
    with statements() as few:
        listed(staff)
    with statements() as few_revisions:
        staff.get(address("revisions", first.uuid))
    for _ in range(3):
        latest = make()
    with statements() as many:
        assert len(listed(staff, page_size=100)) == 12
    for number in range(2, 6):
        api.update_group(
            latest.uuid, revision=number, rule={"all": [leaf("group_member", "in", groups=[str(first.uuid)])]}
        )
    with statements() as many_revisions:
        staff.get(address("revisions", latest.uuid))

    assert len(many) <= len(few)
    assert len(many_revisions) <= len(few_revisions)
