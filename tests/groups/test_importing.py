"""Lists of people, some at a time."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import override_settings
from django.utils import timezone

from openedx_user_groups import api
from openedx_user_groups.exceptions import ImportNotFound, WrongStatus
from openedx_user_groups.groups import importing
from openedx_user_groups.models import GroupCollection, ImportedPerson, MemberImport, UserGroup
from openedx_user_groups.platform.people_file import Line
from openedx_user_groups.upkeep import clearing
from tests.by_api import VERIFIED, a_group, many_learners, member_ids, refreshed
from tests.factories import a_course, a_user, scope_of_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(db):
    return a_course()


@pytest.fixture
def group(course):
    return a_group(scope_of_course(course))


def of_ids(ids):
    return [Line(number, pk) for number, pk in enumerate(ids, start=1)]


def row_of(imported):
    return MemberImport.objects.get(uuid=imported.uuid)


def test_a_long_list_is_left_to_a_worker_and_done_in_portions(course, group):
    ids = many_learners(course, importing.AT_A_TIME + 10)

    begun = api.begin_import(group.uuid, of_ids(ids))
    assert (begun.rows, begun.done, begun.finished) == (len(ids), 0, None)

    assert importing._settle_some(row_of(begun).pk)
    assert api.get_import(begun.uuid).done == importing.AT_A_TIME == len(member_ids(group))

    importing.run(row_of(begun).pk)
    done = api.get_import(begun.uuid)
    assert (done.done, done.counts) == (len(ids), {"added": len(ids)})
    assert done.finished
    assert member_ids(group) == set(ids)


def test_a_list_whose_worker_has_died_is_gone_on_with(course, group):
    ids = many_learners(course, importing.AT_A_TIME + 10)
    begun = api.begin_import(group.uuid, of_ids(ids))
    importing._settle_some(row_of(begun).pk)

    clearing.carry_on_imports(timezone.now())
    assert api.get_import(begun.uuid).finished is None

    MemberImport.objects.update(touched=timezone.now() - timedelta(minutes=6))
    clearing.carry_on_imports(timezone.now())
    assert api.get_import(begun.uuid).counts == {"added": len(ids)}


def test_a_list_that_cannot_be_gone_on_with_keeps_no_other_waiting(course, group, monkeypatch):
    ids = many_learners(course, 2 * (importing.AT_A_TIME + 1))
    first, second = (api.begin_import(group.uuid, of_ids(some)) for some in (ids[::2], ids[1::2]))
    MemberImport.objects.update(touched=timezone.now() - timedelta(minutes=6))
    run, broken = importing.run, row_of(first).pk

    def fails(import_id):
        if import_id == broken:
            raise RuntimeError("out of order")
        run(import_id)

    monkeypatch.setattr(importing, "run", fails)
    clearing.carry_on_imports(timezone.now())

    assert api.get_import(first.uuid).finished is None
    assert api.get_import(second.uuid).counts == {"added": len(ids) // 2}


def test_a_group_that_took_nobody_when_it_was_checked_may_do_so_when_it_is_made_real(course, group):
    scope, (pk,) = scope_of_course(course), many_learners(course, 1)
    UserGroup.objects.filter(uuid=group.uuid).update(moving_to=GroupCollection.objects.get(uuid=group.collection_uuid))
    content = f"username,group\nmany_{pk},{group.name}\nmany_{pk},No such group"
    checked = api.begin_import_of_groups(scope, content.encode(), dry_run=True)
    assert checked.counts == {"no_group": 2}

    UserGroup.objects.update(moving_to=None)

    assert api.make_import_real(checked.uuid).counts == {"added": 1, "no_group": 1}


def test_a_group_that_is_put_away_meanwhile_ends_the_list(course, group):
    begun = api.begin_import(group.uuid, of_ids(many_learners(course, 201)))
    api.archive_group(group.uuid)

    importing.run(row_of(begun).pk)

    ended = api.get_import(begun.uuid)
    assert ended.finished
    assert "archived" in ended.error
    assert ended.done == 0


def test_the_other_groups_of_a_list_take_theirs(course, group):
    ids, other = many_learners(course, 202), a_group(scope_of_course(course), name="Other")
    rows = [f"many_{pk},{name}" for pk, name in zip(ids, [group.name, other.name] * 101, strict=True)]
    begun = api.begin_import_of_groups(scope_of_course(course), "\n".join(["username,group", *rows]).encode())
    api.archive_group(other.uuid)

    importing.run(row_of(begun).pk)

    ended = api.get_import(begun.uuid)
    assert (ended.counts, ended.error) == ({"added": 101, "no_group": 101}, "")
    assert len(member_ids(group)) == 101


def test_so_does_a_flag_that_is_turned_off(course, group):
    begun = api.begin_import(group.uuid, of_ids(many_learners(course, 201)))

    with override_settings(
        OPENEDX_USER_GROUPS_FLAG_OVERRIDES={"courses": {str(course.id): False}, "orgs": {}},
        OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=False,
    ):
        importing.run(row_of(begun).pk)

    assert "switched off" in api.get_import(begun.uuid).error
    assert member_ids(group) == set()


def test_only_what_was_checked_to_its_end_is_made_real(course, group):
    ids = many_learners(course, 201)
    checked = api.begin_import(group.uuid, of_ids(ids), dry_run=True)
    assert api.make_import_real(checked.uuid).is_check

    importing.run(row_of(checked).pk)
    assert member_ids(group) == set()
    assert not api.make_import_real(checked.uuid).is_check

    importing.run(row_of(checked).pk)
    assert member_ids(group) == set(ids)


def test_a_check_decides_anew_when_it_is_made_real(course, group):
    (pk,) = many_learners(course, 1)
    checked = api.begin_import(group.uuid, of_ids([pk]), dry_run=True)
    assert checked.counts == {"added": 1}

    api.exclude(group.uuid, [pk])

    assert api.make_import_real(checked.uuid).counts == {"excluded": 1}


def test_the_same_number_is_the_same_list(group):
    number, author, other = uuid4(), a_user(), a_user()

    def begin(name, acting_user=author):
        return api.begin_import(group.uuid, [Line(1, name)], uuid=number, acting_user=acting_user).uuid

    assert [begin("ana"), begin("ana")] == [number, number]
    assert number not in {begin("ben"), begin("ana", other)}
    assert [row.named for row in ImportedPerson.objects.order_by("pk")] == ["ana", "ben", "ana"]


def test_a_group_that_takes_nobody_gets_no_list(group):
    api.archive_group(group.uuid)

    with pytest.raises(WrongStatus):
        api.begin_import(group.uuid, [Line(1, "ana")])


def test_lists_of_somebody(group):
    author = a_user()
    first, second = (api.begin_import(group.uuid, [Line(1, "x")], acting_user=author) for _ in range(2))

    assert [row.uuid for row in api.imports_of(author.pk, group=group.uuid)] == [second.uuid, first.uuid]
    assert not api.imports_of(author.pk + 1).exists()


def test_there_is_no_such_list():
    with pytest.raises(ImportNotFound):
        api.get_import(uuid4())


def outcomes(imported):
    return list(api.imported_people(imported.uuid).values_list("named", "outcome"))


def test_people_are_taken_out_by_a_list_each_with_an_outcome(course, group):
    ids = many_learners(course, 3)
    api.add_members(group.uuid, ids[:2])

    done = api.begin_import(group.uuid, [*of_ids(ids), Line(4, "who@example.com")], removes=True)

    assert outcomes(done) == [
        (str(ids[0]), "removed"),
        (str(ids[1]), "removed"),
        (str(ids[2]), "not_in"),
        ("who@example.com", "unknown"),
    ]
    assert done.removes
    assert member_ids(group) == set()
    # Nobody waits to be taken out.
    assert not api.pending_members(group.uuid).exists()


def test_whom_the_rule_wants_is_kept_out_for_the_reason_that_was_given(course):
    group = a_group(scope_of_course(course), VERIFIED)
    ids = many_learners(course, 2)
    refreshed(group)

    done = api.begin_import(group.uuid, of_ids(ids[:1]), removes=True, reason="On leave")

    (row,) = api.imported_people(done.uuid)
    assert row.detail == "Kept out from now on, because the rule would let them in again."
    assert [(one.user_id, one.reason) for one in api.exclusions_of(group.uuid)] == [(ids[0], "On leave")]
    refreshed(group)
    assert member_ids(group) == {ids[1]}


def test_a_check_takes_nobody_out_until_it_is_made_real(course, group):
    (user,) = many_learners(course, 1)
    named = get_user_model().objects.get(pk=user)
    api.add_members(group.uuid, [user])
    people = [Line(1, named.username), Line(2, named.email)]

    check = api.begin_import(group.uuid, people, removes=True, dry_run=True)
    assert [outcome for _named, outcome in outcomes(check)] == ["removed", "repeated"]
    assert member_ids(group) == {user}

    done = api.make_import_real(check.uuid)
    assert [outcome for _named, outcome in outcomes(done)] == ["removed", "repeated"]
    assert member_ids(group) == set()


def test_the_same_list_is_another_one_when_it_takes_people_out(course, group):
    ids = many_learners(course, 2)
    added = api.begin_import(group.uuid, of_ids(ids))

    removed = api.begin_import(group.uuid, of_ids(ids), uuid=added.uuid, removes=True)

    assert removed.uuid != added.uuid
    assert member_ids(group) == set()
