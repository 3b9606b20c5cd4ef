"""Collections on pages: made, put in order, filled with groups, shared out by chance, and dissolved."""

import pytest
from django.test import override_settings
from django.urls import reverse

from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel
from openedx_user_groups import api
from openedx_user_groups.exceptions import CollectionNotFound
from openedx_user_groups.permissions import Action, PlatformRoles
from openedx_user_groups.platform.toggles import NAME
from tests.by_api import VERIFIED, a_group, many_learners, member_ids, refreshed, statements, uuids
from tests.factories import a_learner, profile, scope_of_course

PART = {"HX-Request": "true"}
HERE = "course/course-v1:Acme+A1+2026"


def path(name, *args):
    return reverse(f"openedx_user_groups:pages:{name}", args=args)


@pytest.fixture
def collection(campus):
    return api.create_collection(campus.scope, name="Teams")


@pytest.fixture
def three(campus, collection):
    """Red, green and blue, in this order."""
    return [a_group(campus.scope, name=name, collection=collection.uuid) for name in ("Red", "Green", "Blue")]


def page_of(client, collection):
    response = client.get(path("collection", collection.uuid))
    assert response.status_code == 200, response.content
    return response.content.decode()


def order_of(collection):
    return [api.get_group(uuid).name for uuid in api.get_collection(collection.uuid).group_uuids]


def send(client, view, collection, **fields):
    return client.post(path(view, collection.uuid), fields)


def put_in_order(client, collection, groups, was, **more):
    named = [str(group.uuid) for group in groups]
    before = ",".join(str(group.uuid) for group in was)
    return send(client, "collection_order", collection, groups=named, was=before, **more)


class TestMaking:
    """The form of a new collection."""

    ADDRESS = f"/user_groups/{HERE}/collections/new/"

    def test_it_has_its_address(self, campus):
        assert path("new_collection", campus.scope) == self.ADDRESS

    @pytest.mark.parametrize("kind", ["rules", "random", "self"])
    def test_a_collection_is_made(self, campus, staff, kind):
        response = staff.post(self.ADDRESS, {"name": "Teams", "kind": kind, "rest_name": "Nobody's team"})

        (made,) = api.collections_in(campus.scope)
        assert response.url == path("collection", made.uuid)
        assert (made.name, made.kind, made.rest_name) == ("Teams", kind, "Nobody's team")
        assert "has been made" in staff.get(response.url).content.decode()

    def test_it_divides_a_group_that_is_called_by_its_name(self, campus, staff):
        parent = a_group(campus.scope, name="Class 7")

        staff.post(self.ADDRESS, {"name": "Teams", "kind": "rules", "parent_group": "class 7"})

        (made,) = api.collections_data(api.collections_in(campus.scope))
        assert made.parent_group_uuid == parent.uuid
        page = page_of(staff, made)
        assert "Class 7" in page

    def test_it_has_a_group_for_each_choice(self, campus, staff):
        profile(a_learner(campus.course), country="SE")
        profile(a_learner(campus.course), country="IN")

        response = staff.post(self.ADDRESS, {"name": "Countries", "kind": "generated", "criterion": "country"})

        assert response.status_code == 302
        (made,) = api.collections_data(api.collections_in(campus.scope))
        assert len(made.group_uuids) == 2
        assert "Country" in page_of(staff, made)

    def test_it_has_a_group_for_each_range(self, campus, staff):
        data = {
            "name": "Bands",
            "kind": "generated",
            "criterion": "course_grade",
            "ranges": "0-50\n50 – 80%\n80 to 100",
        }

        staff.post(self.ADDRESS, data)

        (made,) = api.collections_data(api.collections_in(campus.scope))
        assert made.generator == {"criterion": "course_grade", "ranges": [[80, 100], [50, 80], [0, 50]]}

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "x" * 256}, "name"),
            ({"name": "a\0b"}, "name"),
            ({"kind": "weather"}, "kind"),
            ({"kind": "generated"}, "criterion"),
            ({"kind": "generated", "criterion": "weather"}, "criterion"),
            ({"kind": "generated", "criterion": "course_grade"}, "criterion"),
            ({"kind": "generated", "criterion": "course_grade", "ranges": "much"}, "ranges"),
            ({"kind": "generated", "criterion": "course_grade", "ranges": "nan inf"}, "ranges"),
            ({"kind": "generated", "criterion": "course_grade", "ranges": "9 to 1"}, "ranges"),
            ({"parent_group": "No such class"}, "parent_group"),
        ],
    )
    def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(self, campus, staff, wrong, field):
        data = {"name": "Teams", "kind": "rules", "rest_name": "The <rest>"} | wrong

        response = staff.post(self.ADDRESS, data)

        assert response.status_code == 400
        assert list(response.context["errors"]) == [field]
        page = response.content.decode()
        assert "The &lt;rest&gt;" in page
        assert response.context["errors"][field]
        assert not api.collections_in(campus.scope).exists()

    def test_sent_twice_it_is_made_once(self, campus, staff):
        for _ in range(2):
            response = staff.post(self.ADDRESS, {"name": "Teams", "kind": "rules"})

        assert response.status_code == 409
        assert "already has a collection called “Teams”. Choose another name." in response.content.decode()
        assert api.collections_in(campus.scope).count() == 1

    def test_the_enrollment_tracks_are_made_by_the_first_click(self, campus, staff):
        a_learner(campus.course, "verified")

        answers = [staff.post(path("tracks", campus.scope)) for _ in range(2)]

        (made,) = api.collections_in(campus.scope)
        assert {answer.url for answer in answers} == {path("collection", made.uuid)}

    def test_names_of_groups_are_proposed(self, campus, staff):
        a_group(campus.scope, name="Class 7")
        a_group(campus.scope, name="Helpers")

        part = staff.get(path("group_names", campus.scope), {"parent_group": "cla"}, headers=PART).content.decode()

        assert ("Class 7" in part, "Helpers" in part) == (True, False)


class TestListing:
    """The collections of a scope."""

    def test_those_of_single_groups_are_not_among_them(self, campus, staff, collection):
        a_group(campus.scope, name="By itself")
        api.create_collection(scope_of_course(campus.foreign), name="Elsewhere")

        page = staff.get(path("collections", campus.scope)).content.decode()

        assert "Teams" in page
        assert "By itself" not in page
        assert "Elsewhere" not in page

    def test_the_page_of_the_scope_leads_to_them(self, campus, staff):
        page = staff.get(path("scope", campus.scope)).content.decode()

        assert path("collections", campus.scope) in page
        assert path("new_collection", campus.scope) in page

    def test_they_come_in_pages_and_are_found_by_name(self, campus, staff):
        for number in range(12):
            api.create_collection(campus.scope, name=f"Set {number:02}")

        first = staff.get(path("collections", campus.scope)).content.decode()
        second = staff.get(path("collections", campus.scope), {"page": 2}, headers=PART).content.decode()
        found = staff.get(path("collections", campus.scope), {"search": "t 03"}).content.decode()

        assert ("Set 09" in first, "Set 11" in first) == (True, False)
        assert ("Set 09" in second, "Set 11" in second) == (False, True)
        assert ("Set 03" in found, "Set 04" in found) == (True, False)

    def test_the_queries_do_not_grow_with_them(self, campus, staff, collection, django_assert_max_num_queries):
        for number in range(9):
            a_group(campus.scope, collection=api.create_collection(campus.scope, name=f"Set {number}").uuid)

        with django_assert_max_num_queries(14):
            staff.get(path("collections", campus.scope))


class TestColumns:
    """The groups of a collection side by side."""

    def test_each_has_its_members_and_a_few_of_them_by_name(self, campus, staff, collection, three):
        red, _green, _blue = three
        api.add_members(red.uuid, [a_learner(campus.course, username=f"ana_{n}").pk for n in range(5)])

        page = page_of(staff, collection)

        assert page.index("Red") < page.index("Green") < page.index("Blue")
        assert "ana_0, ana_1, ana_2 and 2 others" in page

    def test_who_has_left_the_course_is_not_named(self, campus, staff, collection, three):
        gone = a_learner(campus.course, username="gone")
        api.add_members(three[0].uuid, ["gone"])
        campus.course.courseenrollment_set.filter(user=gone).update(is_active=False)

        assert "gone" not in page_of(staff, collection)

    def test_everybody_else_is_counted_and_listed(self, campus, staff, collection, three):
        for name in ("ana", "bo", "cy", "di"):
            a_learner(campus.course, username=name)
        api.add_members(three[0].uuid, ["bo"])

        page = page_of(staff, collection)
        rest = staff.get(path("collection_rest", collection.uuid)).content.decode()
        found = staff.get(path("collection_rest", collection.uuid), {"search": "cy"}, headers=PART).content.decode()

        assert "Everybody else of “Teams”" in page
        assert "people are in none of the groups" in page
        assert [name in rest for name in ("ana", ">bo<", "cy", "di")] == [True, False, True, True]
        assert ("cy@example.com" in found, "ana@" in found) == (True, False)

    def test_who_matches_a_rule_and_is_in_another_group_is_counted(self, campus, staff, collection):
        rule = {"rule": VERIFIED, "collection": collection.uuid}
        first, second = (a_group(campus.scope, name=name, **rule) for name in ("One", "Two"))
        a_learner(campus.course, "verified")
        assert "matches its rule as well" not in page_of(staff, collection)

        refreshed(second)

        page = page_of(staff, collection)
        assert page.count("1 other matches its rule as well, and is in “One”.") == 1
        assert "joins it when it comes first" in page
        a_learner(campus.course, "verified")
        refreshed(first)
        assert "2 others match its rule as well, and are in “One”." in page_of(staff, collection)
        a_group(campus.scope, collection=collection.uuid)
        assert "2 others match its rule as well, and are in other groups here." in page_of(staff, collection)

    def test_an_empty_one_begins_with_its_first_group(self, campus, staff):
        chance = api.create_collection(campus.scope, name="Draw", kind="random")

        page = page_of(staff, chance)
        assert "Make the first group" in page
        assert 'name="group_name"' in page
        assert "Draw newcomers now" not in page

        a_group(campus.scope, collection=chance.uuid)
        page = page_of(staff, chance)
        assert "Make the first group" not in page
        assert "Draw newcomers now" in page

    def test_what_divides_a_group_further_is_shown(self, campus, staff, collection, three):
        inner = api.create_collection(campus.scope, name="Tables", parent_group=three[0].uuid)

        assert path("collection", inner.uuid) in page_of(staff, collection)
        assert path("group", three[0].uuid) in page_of(staff, inner)

    def test_the_queries_do_not_grow_with_groups_and_people(self, campus, staff, collection, three):
        learners = many_learners(campus.course, 40)
        page_of(staff, collection)
        with statements() as few:
            page_of(staff, collection)
        for place in range(8):
            group = a_group(campus.scope, VERIFIED, collection=collection.uuid)
            api.create_collection(campus.scope, name=f"Within {place}", parent_group=group.uuid)
            api.add_members(group.uuid, learners[place * 5 : place * 5 + 5])
        with statements() as many:
            page_of(staff, collection)

        assert len(few) <= 30
        # What rules say and who has left the course is asked about once for all.
        assert len(many) <= len(few) + 6

    def test_that_of_a_single_group_is_the_group(self, campus, staff):
        single = a_group(campus.scope)

        assert staff.get(path("collection", single.collection_uuid)).url == path("group", single.uuid)

    def test_names_are_text(self, campus, staff):
        evil = "<script>alert(1)</script>"
        made = api.create_collection(campus.scope, name=evil, rest_name=evil)
        a_group(campus.scope, name=evil, description=evil, collection=made.uuid)

        assert "<script>alert" not in page_of(staff, made)


class TestOrder:
    """Who matches several groups is in the first."""

    def test_the_whole_order_is_sent(self, staff, collection, three):
        response = put_in_order(staff, collection, three[::-1], was=three)

        assert response.url == path("collection", collection.uuid)
        assert order_of(collection) == ["Blue", "Green", "Red"]

    @pytest.mark.parametrize(
        ("way", "place", "after"),
        [
            ("earlier", 1, ["Green", "Red", "Blue"]),
            ("later", 1, ["Red", "Blue", "Green"]),
            ("earlier", 0, ["Red", "Green", "Blue"]),
            ("later", 2, ["Red", "Green", "Blue"]),
        ],
    )
    def test_one_is_moved_by_a_place_without_a_script(self, staff, collection, three, way, place, after):
        put_in_order(staff, collection, three, was=three, move=f"{way}:{three[place].uuid}")

        assert order_of(collection) == after

    def test_it_is_told_what_an_order_would_do_before_it_is_saved(self, campus, staff, collection):
        first, second = (
            a_group(campus.scope, VERIFIED, name=n, collection=collection.uuid) for n in ("First", "Second")
        )
        a_learner(campus.course, "verified")
        refreshed(first)

        told = put_in_order(staff, collection, [second, first], [first, second], effect="1").content.decode()
        same = put_in_order(staff, collection, [first, second], [first, second], effect="1").content.decode()

        assert "<strong>Second</strong>: 1 would join, 0 would leave, 1 would be in it" in told
        assert "<strong>First</strong>: 0 would join, 1 would leave, 0 would be in it" in told
        assert "Nobody would join or leave" in same
        assert order_of(collection) == ["First", "Second"]

    def test_of_an_order_of_something_else_nothing_is_told(self, staff, collection, three):
        answer = put_in_order(staff, collection, three[:2], three, effect="1").content.decode()

        assert "Name every group of the collection, each of them once." in answer

    def test_sent_twice_it_is_the_same(self, staff, collection, three):
        answers = [put_in_order(staff, collection, three[::-1], was=three) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [302, 302]
        assert order_of(collection) == ["Blue", "Green", "Red"]

    def test_what_somebody_else_has_ordered_meanwhile_stays(self, staff, collection, three):
        red, green, blue = three
        api.order_collection(collection.uuid, [green.uuid, red.uuid, blue.uuid])

        response = put_in_order(staff, collection, [blue, red, green], was=three)

        assert response.status_code == 409
        page = response.content.decode()
        assert "You wanted: Blue, Red, Green" in page
        assert page.index('data-name="Green"') < page.index('data-name="Red"')
        assert order_of(collection) == ["Green", "Red", "Blue"]

    @pytest.mark.parametrize("named", [[], ["nonsense"], ["0" * 32], ["\0"]])
    def test_an_order_of_something_else_is_refused(self, staff, collection, three, named):
        was = ",".join(map(str, uuids(three)))

        response = send(staff, "collection_order", collection, groups=named, was=was)

        assert response.status_code == 400
        assert order_of(collection) == ["Red", "Green", "Blue"]


class TestMovingIn:
    """A group comes into a collection, and whom that concerns is seen before."""

    @pytest.fixture
    def single(self, campus):
        return a_group(campus.scope, name="By itself")

    @pytest.fixture
    def people(self, campus, collection, three, single):
        """Ana is in both by the rule of one; bo is put into both; cy into the one that moves only."""
        tracks = a_group(campus.scope, VERIFIED, name="Verified", collection=collection.uuid)
        for name in ("bo", "cy"):
            a_learner(campus.course, username=name)
        a_learner(campus.course, "verified", username="ana")
        refreshed(tracks)
        api.add_members(three[0].uuid, ["bo"])
        api.add_members(single.uuid, ["ana", "bo", "cy"])

    def see(self, client, collection, name):
        return client.get(path("collection_move", collection.uuid), {"group": name})

    def test_the_overlap_is_shown_and_nothing_is_done(self, staff, collection, single, people):
        response = self.see(staff, collection, "by ITSELF")

        assert response.context["people"] == [("ana", "Verified", True), ("bo", "Red", False)]
        assert response.context["move"].members == 3
        assert api.get_group(single.uuid).collection_uuid != collection.uuid

    def test_it_is_moved_once(self, staff, collection, single, people):
        answers = [send(staff, "collection_move", collection, group=str(single.uuid)) for _ in range(2)]

        assert [answer.url for answer in answers] == [path("collection", collection.uuid)] * 2
        assert order_of(collection)[-1] == "By itself"
        page = page_of(staff, collection)
        assert "Of its 3 members 1 stay in another group here." in page
        assert "“By itself” is one of the groups here." in page

    def test_the_queries_do_not_grow_with_people(self, campus, staff, collection, three, single):
        def count(number):
            learners = many_learners(campus.course, number)
            for group in (three[0], single):
                api.add_members(group.uuid, learners)
            with statements() as sent:
                self.see(staff, collection, "By itself")
            return len(sent)

        count(1)
        assert count(3) >= count(20)

    @pytest.mark.parametrize(
        ("name", "sentence"), [("Nothing", "No group here is called"), ("Red", "one of the groups here already")]
    )
    def test_what_cannot_be_moved_is_said_at_the_field(self, staff, collection, three, name, sentence):
        response = self.see(staff, collection, name)

        assert response.status_code == 400
        assert sentence in response.context["errors"]["group"]
        assert sentence in response.content.decode()

    def test_a_group_with_a_rule_does_not_come_to_where_chance_decides(self, campus, staff):
        chance = api.create_collection(campus.scope, name="By chance", kind="random")
        ruled = a_group(campus.scope, VERIFIED, name="Ruled")

        seen = self.see(staff, chance, "Ruled")
        sent = send(staff, "collection_move", chance, group=str(ruled.uuid))

        assert [seen.status_code, sent.status_code] == [400, 400]
        assert "rule" in sent.context["errors"]["group"]

    def test_up_to_20_are_listed_and_more_are_looked_for(self, campus, staff, collection, three, single):
        address = path("collection_move", collection.uuid)
        page = staff.get(address).content.decode()
        assert 'href="?group=By%20itself"' in page
        assert "?group=Red" not in page
        assert 'name="group"' not in page

        for _ in range(20):
            a_group(campus.scope)
        assert 'list="candidates"' in staff.get(address).content.decode()

    def test_names_are_proposed_of_what_can_be_moved(self, campus, staff, collection, three, single):
        chance = api.create_collection(campus.scope, name="By chance", kind="random")
        a_group(campus.scope, VERIFIED, name="By a rule")

        def proposed(of):
            return staff.get(path("collection_candidates", of.uuid), {"group": ""}, headers=PART).content.decode()

        assert [name in proposed(collection) for name in ("By itself", "By a rule", "Red")] == [True, True, False]
        assert [name in proposed(chance) for name in ("By itself", "By a rule", "Red")] == [True, False, True]

    def test_a_group_of_another_course_is_not_there(self, campus, staff, collection):
        foreign = a_group(scope_of_course(campus.foreign), name="Foreign")

        assert self.see(staff, collection, "Foreign").status_code == 400
        assert send(staff, "collection_move", collection, group=str(foreign.uuid)).status_code == 404

    def test_a_group_is_taken_out_with_its_members_after_a_question(self, campus, staff, collection, three):
        learner = a_learner(campus.course).pk
        api.add_members(three[1].uuid, [learner])
        asked = staff.get(path("collection_out", collection.uuid), {"group": str(three[1].uuid)})
        assert "Take “Green” out of “Teams”?" in asked.content.decode()
        assert order_of(collection) == ["Red", "Green", "Blue"]

        answers = [send(staff, "collection_out", collection, group=str(three[1].uuid)) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [302, 302]
        assert order_of(collection) == ["Red", "Blue"]
        assert member_ids(three[1]) == {learner}

    def test_a_new_group_is_made_in_it(self, staff, collection, three):
        fields = {"group_name": "Yellow", "description": "The fourth."}
        answers = [send(staff, "collection_groups", collection, **fields) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [302, 409]
        assert order_of(collection) == ["Red", "Green", "Blue", "Yellow"]
        assert "The fourth." in answers[1].content.decode()
        made = api.get_group(api.get_collection(collection.uuid).group_uuids[-1])
        assert (made.description, made.created_via, made.status) == ("The fourth.", "page", "active")

    def test_it_has_so_many_places_as_somebody_says(self, campus, staff):
        choice = api.create_collection(campus.scope, name="Excursions", kind="self")

        send(staff, "collection_groups", choice, group_name="Museum", size_limit="12")
        wrong = send(staff, "collection_groups", choice, group_name="Harbour", size_limit="many")
        assert send(staff, "collection_groups", choice, group_name="Pier", size_limit="9" * 5_000).status_code == 400

        (made,) = api.get_collection(choice.uuid).group_uuids
        assert api.get_group(made).size_limit == 12
        assert wrong.status_code == 400
        assert list(wrong.context["errors"]) == ["size_limit"]
        assert 'value="Harbour"' in wrong.content.decode()

    def test_that_it_has_no_places_is_said(self, campus, staff):
        choice = api.create_collection(campus.scope, name="Excursions", kind="self")

        answer = send(staff, "collection_groups", choice, group_name="Museum", size_limit="0")

        assert "It has no places: nobody can join it." in staff.get(answer.url).content.decode()


class TestChance:
    """Random collections."""

    @pytest.fixture
    def chance(self, campus):
        return api.create_collection(campus.scope, name="A and B", kind="random")

    @pytest.fixture
    def two(self, campus, chance):
        return [a_group(campus.scope, name=name, collection=chance.uuid) for name in ("A", "B")]

    def weigh(self, client, chance, groups, *weights):
        named = {f"weight:{group.uuid}": weight for group, weight in zip(groups, weights, strict=True)}
        return send(client, "collection_weights", chance, **named)

    def test_newcomers_are_drawn(self, campus, staff, chance, two):
        learners = many_learners(campus.course, 20)

        send(staff, "collection_draw", chance)

        assert member_ids(two[0]) | member_ids(two[1]) == set(learners)
        assert "20 people have been put into groups." in page_of(staff, chance)
        send(staff, "collection_draw", chance)
        assert "There was nobody to put into a group." in page_of(staff, chance)

    def test_weights_move_people(self, campus, staff, chance, two):
        many_learners(campus.course, 20)
        self.weigh(staff, chance, two, 0, 1)
        api.draw_newcomers(chance.uuid)

        self.weigh(staff, chance, two, 3, 1)

        assert [len(member_ids(group)) for group in two] == [15, 5]
        page = page_of(staff, chance)
        assert "15 people have moved to another group" in page
        assert "75 %" in page

    @pytest.mark.parametrize(
        "weights", [("", "1"), ("much", "1"), ("-1", "1"), ("1001", "1"), ("0", "0"), ("1.5", "1")]
    )
    def test_wrong_weights_are_told_and_stay_in_their_fields(self, staff, chance, two, weights):
        response = self.weigh(staff, chance, two, *weights)

        assert response.status_code == 400
        assert list(response.context["errors"]) == ["weights"]
        assert [column.weight_typed for column in response.context["columns"]] == list(weights)

    def test_elsewhere_there_are_none(self, staff, collection, three):
        assert self.weigh(staff, collection, three[:1], 2).status_code == 409
        assert send(staff, "collection_draw", collection).status_code == 409
        assert send(staff, "collection_choices", collection).status_code == 409


class TestChoices:
    """Generated collections."""

    def test_new_choices_get_groups(self, campus, staff):
        profile(a_learner(campus.course), country="SE")
        made = api.create_generated_collection(campus.scope, name="Countries", criterion="country")
        profile(a_learner(campus.course), country="IN")

        send(staff, "collection_choices", made)

        assert len(api.get_collection(made.uuid).group_uuids) == 2
        assert "There is 1 new group." in page_of(staff, made)

    def test_a_group_of_a_choice_stays(self, campus, staff):
        profile(a_learner(campus.course), country="SE")
        made = api.create_generated_collection(campus.scope, name="Countries", criterion="country")
        (group,) = made.group_uuids

        response = send(staff, "collection_out", made, group=str(group))

        assert response.status_code == 400
        assert "stays there" in response.content.decode()
        assert "Take out" not in page_of(staff, made)


class TestNames:
    """What a collection and its everybody else are called."""

    def test_both_are_changed(self, staff, collection):
        send(staff, "collection_names", collection, name="Colours", rest_name="No colour")

        found = api.get_collection(collection.uuid)
        assert (found.name, found.rest_name) == ("Colours", "No colour")

    @pytest.mark.parametrize(("name", "status"), [("", 400), ("x" * 256, 400), ("TAKEN", 409)])
    def test_what_is_wrong_is_said_at_the_field(self, campus, staff, collection, name, status):
        api.create_collection(campus.scope, name="Taken")

        response = send(staff, "collection_names", collection, name=name, rest_name="No colour")

        assert response.status_code == status
        assert list(response.context["errors"]) == ["name"]
        assert 'value="No colour"' in response.content.decode()
        assert api.get_collection(collection.uuid).name == "Teams"


class TestDissolving:
    """Letting each group be one by itself."""

    def test_it_is_asked_before(self, staff, collection, three):
        page = staff.get(path("collection_dissolve", collection.uuid)).content.decode()

        assert "Its 3 groups stay" in page
        assert api.get_collection(collection.uuid).name == "Teams"

    def test_the_groups_stay(self, campus, staff, collection, three):
        response = send(staff, "collection_dissolve", collection)

        assert response.url == path("scope", campus.scope)
        with pytest.raises(CollectionNotFound):
            api.get_collection(collection.uuid)
        assert len({api.get_group(group.uuid).collection_uuid for group in three}) == 3
        assert send(staff, "collection_dissolve", collection).status_code == 404

    def test_while_a_rule_names_its_everybody_else_it_stays(self, campus, staff, collection, three):
        rule = {
            "all": [{"criterion": "group_member", "operator": "in", "config": {"groups": [str(collection.rest_uuid)]}}]
        }
        a_group(campus.scope, rule, name="The others")

        response = send(staff, "collection_dissolve", collection)

        assert response.status_code == 409
        assert "The others" in response.content.decode()


OF_A_SCOPE = ("collections", "new_collection", "group_names")
OF_A_COLLECTION = ("collection", "collection_rest", "collection_move", "collection_candidates", "collection_dissolve")
CHANGES = (
    "collection_order",
    "collection_names",
    "collection_dissolve",
    "collection_move",
    "collection_out",
    "collection_groups",
    "collection_weights",
    "collection_draw",
    "collection_choices",
)
STRANGERS = ("learner", "staff_of_another_course", "staff_of_another_organization", "disabled")


@pytest.mark.parametrize("who", STRANGERS)
def test_strangers_find_nothing_and_change_nothing(campus, visitor, collection, three, who):
    client = visitor(who)
    before = order_of(collection)

    assert {client.get(path(name, campus.scope)).status_code for name in OF_A_SCOPE} == {404}
    assert {client.get(path(name, collection.uuid)).status_code for name in OF_A_COLLECTION} == {404}
    assert {send(client, name, collection, group=str(three[0].uuid)).status_code for name in CHANGES} == {404}
    assert client.post(path("new_collection", campus.scope), {"name": "Mine", "kind": "rules"}).status_code == 404
    assert client.post(path("tracks", campus.scope)).status_code == 404
    assert order_of(collection) == before


@pytest.mark.parametrize("who", ["staff", "instructor", "limited_staff", "staff_of_the_organization", "global_staff"])
def test_who_manages_the_course_gets_every_page(campus, visitor, collection, three, who):
    client = visitor(who)

    assert {client.get(path(name, campus.scope)).status_code for name in OF_A_SCOPE} == {200}
    assert {client.get(path(name, collection.uuid)).status_code for name in OF_A_COLLECTION} == {200}


class OnlyViews(PlatformRoles):
    """Whoever could manage groups may only look at them."""

    def may(self, user, action, scope):
        return action == Action.VIEW and super().may(user, action, scope)


@override_settings(OPENEDX_USER_GROUPS_PERMISSION_BACKEND=f"{__name__}.OnlyViews")
def test_who_may_only_look_sees_no_controls_and_changes_nothing(campus, staff, collection, three):
    page = page_of(staff, collection)

    assert ("Red" in page, "<form" in page, "<button" in page) == (True, False, False)
    assert staff.get(path("collections", campus.scope)).status_code == 200
    assert staff.get(path("new_collection", campus.scope)).status_code == 403
    assert {send(staff, name, collection, group=str(three[0].uuid)).status_code for name in CHANGES} == {403}
    assert order_of(collection) == ["Red", "Green", "Blue"]


def test_where_groups_are_switched_off_there_are_no_pages(campus, staff, collection):
    WaffleFlagCourseOverrideModel.objects.create(
        waffle_flag=NAME, course_id=campus.course.id, override_choice="off", enabled=True
    )

    assert {staff.get(path(name, campus.scope)).status_code for name in OF_A_SCOPE} == {404}
    assert {staff.get(path(name, collection.uuid)).status_code for name in OF_A_COLLECTION} == {404}
    assert {send(staff, name, collection).status_code for name in CHANGES} == {404}


def test_a_change_is_never_made_by_a_get(staff, collection, three):
    asked = [name for name in CHANGES if name not in (*OF_A_COLLECTION, "collection_out")]

    assert {staff.get(path(name, collection.uuid)).url for name in asked} == {path("collection", collection.uuid)}
    staff.get(path("collection_out", collection.uuid), {"group": str(three[0].uuid)})
    assert order_of(collection) == ["Red", "Green", "Blue"]


def test_whoever_is_not_logged_in_is_asked_to(client, campus, collection):
    for name in (*OF_A_COLLECTION, *CHANGES):
        assert client.get(path(name, collection.uuid)).url.startswith("/login/")
        assert client.post(path(name, collection.uuid)).url.startswith("/login/")
