"""The panel over every scope that somebody may see, and the pages of scopes."""

import pytest
from django.test import override_settings
from django.urls import reverse

from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel
from openedx_user_groups import api
from openedx_user_groups.models import UserGroup
from openedx_user_groups.platform import toggles
from tests.by_api import VERIFIED, a_group, in_mode, row_of
from tests.factories import a_course, scope_of_course, scope_of_instance, scope_of_organization

PANEL = "/user_groups/"
SCOPES = "/user_groups/scopes/"
PART = {"HX-Request": "true"}


def shown(client, path=PANEL, **query):
    response = client.get(path, query)
    assert response.status_code == 200
    return response.content.decode()


def page_of(scope):
    return reverse("openedx_user_groups:pages:scope", args=[scope])


def test_it_has_its_address():
    assert reverse("openedx_user_groups:pages:panel") == PANEL


def test_it_lists_the_groups_of_every_scope_that_one_may_see(campus, visitor):
    a_group(campus.scope, VERIFIED, name="Verified here")
    a_group(scope_of_course(campus.sibling), name="By hand there")
    a_group(scope_of_course(campus.foreign), name="Elsewhere")

    page = shown(visitor("staff_of_the_organization"))

    assert "Verified here" in page
    assert "By hand there" in page
    assert "Elsewhere" not in page


def test_groups_are_found_by_name(campus, staff):
    a_group(campus.scope, name="Red")
    a_group(campus.scope, name="Blue")

    page = shown(staff, search="re", page="")

    assert ("Red" in page, "Blue" in page) == (True, False)


@pytest.fixture
def of_all_sorts(campus):
    """Groups of which each filter finds some."""
    a_group(campus.scope, VERIFIED, name="Dynamic")
    a_group(campus.scope, name="Static", tags=["cake"])
    held = a_group(campus.scope, VERIFIED, name="Held")
    UserGroup.objects.filter(uuid=held.uuid).update(health="held")
    put_away = a_group(campus.scope, name="Archived")
    api.archive_group(put_away.uuid)
    a_group(scope_of_organization(), name="Of the organization")
    api.create_group(campus.scope, name="Draft", rule=VERIFIED)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"Dynamic", "Static", "Held", "Of the organization", "Draft"}),
        ({"is_dynamic": "true"}, {"Dynamic", "Held", "Draft"}),
        ({"is_dynamic": "false"}, {"Static", "Of the organization"}),
        ({"status": "archived"}, {"Archived"}),
        ({"status": "draft"}, {"Draft"}),
        ({"health": "held"}, {"Held"}),
        ({"scope_type": "organization"}, {"Of the organization"}),
        ({"scope_type": "instance"}, set()),
        ({"tag": "Cake"}, {"Static"}),
        ({"is_dynamic": "true", "health": "held", "status": "", "search": ""}, {"Held"}),
    ],
    # A set is not written in the same order by every process.
    ids=lambda value: str(value if isinstance(value, dict) else sorted(value)),
)
def test_groups_are_narrowed_down(of_all_sorts, visitor, query, found):
    groups = visitor("staff_of_the_organization").get(PANEL, query).context["groups"]

    assert {group.name for group, *_place in groups} == found


def test_a_group_is_shown_with_its_collection(campus, staff):
    collection = api.create_collection(campus.scope, name="Project teams")
    a_group(campus.scope, name="Red", collection=collection.uuid)

    page = shown(staff)

    assert f'href="/user_groups/collections/{collection.uuid}/"' in page
    assert page.count("Project teams") == 1


def test_whoever_looks_after_one_course_is_not_asked_where(campus, visitor):
    a_group(campus.scope, name="Red")

    page, others = (shown(visitor(who)) for who in ("staff", "staff_of_the_organization"))

    assert f'<a class="button" href="/user_groups/course/{campus.scope.key}/">New group</a>' in page
    assert '<th scope="col">Where</th>' not in page
    assert 'class="switcher"' not in page
    assert '<a class="button" href="/user_groups/scopes/">New group</a>' in others
    assert '<th scope="col">Where</th>' in others


def test_a_filter_shows_what_was_chosen_and_how_to_clear_it(of_all_sorts, staff):
    page = shown(staff, is_dynamic="false")

    assert '<option value="false" selected>By hand</option>' in page
    assert "1 group found" in page
    assert "Clear the filters" in page
    assert "Clear the filters" not in shown(staff)


@pytest.mark.parametrize(
    ("ordering", "order"),
    [
        # Whatever stands in capitals.
        ("name", ["Big", "middle", "Small"]),
        ("-name", ["Small", "middle", "Big"]),
        ("member_count", ["Small", "middle", "Big"]),
        ("-member_count", ["Big", "middle", "Small"]),
    ],
)
def test_groups_are_sorted_by_a_column(campus, staff, ordering, order):
    for name, members in (("Big", 3), ("middle", 2), ("Small", 0)):
        row = row_of(a_group(campus.scope, name=name))
        UserGroup.objects.filter(pk=row.pk).update(member_count=members)

    response = staff.get(PANEL, {"ordering": ordering})

    assert [group.name for group, *_place in response.context["groups"]] == order
    way = "descending" if ordering.startswith("-") else "ascending"
    assert response.content.decode().count(f'aria-sort="{way}"') == 1


def test_a_column_that_is_sorted_leads_to_the_other_way_and_keeps_the_search(campus, staff):
    a_group(campus.scope, name="Red")

    page = shown(staff, ordering="-name", search="red", page="3")

    assert 'href="?ordering=name&amp;search=red"' in page
    assert 'href="?ordering=-member_count&amp;search=red"' in page


def test_archived_groups_are_shown_on_demand(of_all_sorts, campus, staff):
    path = page_of(campus.scope)

    assert "Show 1 archived group" in shown(staff, path)
    assert "Archived</bdi>" not in shown(staff, path)
    assert "Archived</bdi>" in shown(staff, path, status="archived")


def test_what_waits_for_somebody_is_said_first(campus, staff):
    held, broken = (a_group(campus.scope, VERIFIED, name=name) for name in ("One", "Two"))
    UserGroup.objects.filter(uuid=held.uuid).update(health="held")
    UserGroup.objects.filter(uuid=broken.uuid).update(health="broken")
    api.update_group(held.uuid, revision=1, rule=in_mode("audit"))

    for path in (PANEL, page_of(campus.scope)):
        page = shown(staff, path)
        assert "1 group waits for your decision" in page
        assert "1 group cannot be refreshed" in page
        assert "1 group has a change that is not active yet" in page


def test_htmx_gets_the_list_alone(campus, staff):
    a_group(campus.scope, name="Red")

    part = staff.get(PANEL, headers=PART).content.decode()

    assert "Red" in part
    assert "<html" not in part


@pytest.mark.django_db
def test_whoever_is_not_logged_in_is_asked_to(client):
    assert client.get(PANEL).url == f"/login/?next={PANEL}"
    assert client.get(PANEL, headers=PART).headers["HX-Redirect"].startswith("/login/")
    # What is no address leads nowhere else.
    nonsense = {**PART, "HX-Current-URL": "http://["}
    assert client.get(PANEL, headers=nonsense).headers["HX-Redirect"].startswith("/login/?next=/%23")


def switch_on(course):
    WaffleFlagCourseOverrideModel.objects.create(
        waffle_flag=toggles.NAME, course_id=course.id, override_choice="on", enabled=True
    )


def test_names_are_text(campus, staff):
    a_group(campus.scope, name="<script>alert(1)</script>", tags=["<b>"])

    page = shown(staff)

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "<b>" not in page


def test_a_wrong_query_is_told(campus, staff):
    answer = staff.get(PANEL, {"ordering": "weather"})

    assert answer.status_code == 400
    assert "weather" in answer.content.decode()


@pytest.mark.parametrize("number", ["9999999999999999999999", "3"])
def test_beyond_the_last_page_is_the_last_page(campus, staff, number):
    for name in range(30):
        a_group(campus.scope, name=f"Group {name:02}")

    response = staff.get(PANEL, {"page": number})

    assert len(response.context["groups"]) == 5


@pytest.mark.parametrize("query", [{"page": "0"}, {"page": "-1"}, {"page": "x"}, {"page_size": "100000000"}], ids=str)
def test_pages_that_cannot_be_are_refused(campus, staff, query):
    assert staff.get(PANEL, query).status_code == 400


@pytest.mark.parametrize("path", [PANEL, None], ids=["panel", "scope"])
def test_queries_do_not_grow_with_the_groups(campus, staff, path, django_assert_max_num_queries):
    path = path or page_of(campus.scope)
    for number in range(25):
        a_group(campus.scope, VERIFIED, name=f"Group {number}", tags=[f"tag {number}"])

    with django_assert_max_num_queries(16):
        staff.get(path)


# Who looks after nothing


def test_who_looks_after_nothing_is_told_kindly(campus, visitor):
    page = shown(visitor("learner"))

    assert "You do not look after any groups." in page
    assert "Choose your groups" not in page
    assert "Search groups" not in page


def test_who_looks_after_a_course_without_groups_is_told_what_to_do(campus, staff):
    page = shown(staff)

    assert "There are no groups here yet." in page
    assert f'href="{page_of(campus.scope)}"' in page


def test_who_looks_after_several_is_asked_where(campus, visitor):
    page = shown(visitor("staff_of_the_organization"))

    assert "There are no groups yet." in page
    assert f'href="{SCOPES}"' in page


def test_a_course_without_groups_says_what_groups_are_for(campus, staff):
    assert "There are no groups here yet." in shown(staff, page_of(campus.scope))


def test_a_search_that_finds_nothing_says_so(campus, staff):
    a_group(campus.scope, name="Red")

    page = shown(staff, search="blue")

    assert "No group is like that." in page
    assert "There are no groups yet." not in page


# The switcher


def found_by(client, text=""):
    return [place.title for place in client.get(SCOPES, {"search": text}).context["places"].rows]


def test_scopes_are_found_with_groups_and_without(campus, visitor):
    a_group(campus.scope, name="Red")

    rows = visitor("staff_of_the_organization").get(SCOPES).context["places"].rows

    assert [(row.scope, row.groups) for row in rows] == [
        (scope_of_organization(), 0),
        (campus.scope, 1),
        (scope_of_course(campus.sibling), 0),
    ]


def test_scopes_are_found_by_name_or_key(campus, visitor):
    campus.sibling.display_name = "Baking"
    campus.sibling.save()
    staff = visitor("global_staff")

    assert found_by(staff, "bak") == ["Baking"]
    assert found_by(staff, "A2+2026") == ["Baking"]
    assert found_by(staff, "platform") == ["The whole platform"]
    assert found_by(staff, "nothing of the sort") == []


def test_staff_of_a_course_find_their_course_alone(campus, staff):
    assert [row.scope for row in staff.get(SCOPES).context["places"].rows] == [campus.scope]


def test_learners_find_nothing(campus, visitor):
    assert "There is no course or organization whose groups you may see." in shown(visitor("learner"), SCOPES)


def test_of_thousands_of_courses_some_are_shown(campus, visitor, django_assert_max_num_queries):
    for number in range(40):
        a_course(f"course-v1:Acme+B{number}+2026")
    client = visitor("global_staff")

    with django_assert_max_num_queries(12):
        page = shown(client, SCOPES)

    assert len(client.get(SCOPES).context["places"].rows) == 20
    assert "There are more" in page


@override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=False)
def test_scopes_in_which_groups_are_off_are_not_found(campus, visitor):
    switch_on(campus.sibling)

    assert [row.scope for row in visitor("global_staff").get(SCOPES).context["places"].rows] == [
        scope_of_course(campus.sibling)
    ]


@override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=False)
def test_where_groups_are_off_everywhere_there_is_no_panel(campus, visitor):
    client = visitor("global_staff")

    assert [client.get(path).status_code for path in (PANEL, SCOPES, page_of(campus.scope))] == [404, 404, 404]

    switch_on(campus.sibling)
    assert [client.get(path).status_code for path in (PANEL, SCOPES, page_of(campus.scope))] == [200, 200, 404]


# The page of a scope


def test_it_says_where_one_is(campus, staff):
    page = shown(staff, page_of(campus.scope))

    assert f"<title>{campus.course.display_name} · Groups</title>" in page


def test_it_lists_the_groups_of_its_scope_alone(campus, visitor):
    a_group(campus.scope, name="Here")
    a_group(scope_of_course(campus.sibling), name="There")
    a_group(scope_of_instance(), name="Everywhere")

    groups = visitor("global_staff").get(page_of(campus.scope)).context["groups"]

    assert [group.name for group, *_place in groups] == ["Here"]


def test_who_may_see_nothing_of_it_is_told_that_there_is_no_such_course(campus, visitor):
    response = visitor("learner").get(page_of(campus.scope))

    assert response.status_code == 404
    assert "This page is not here for you" in response.content.decode()


def test_an_address_that_names_no_course_is_none(campus, staff):
    assert staff.get("/user_groups/course/rubbish/").status_code == 404
