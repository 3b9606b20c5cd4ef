"""Listening: which scopes hear of what happens, answered by one look-up in the cache where nobody does."""

from unittest.mock import Mock

import pytest
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from waffle import get_waffle_flag_model

from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel, WaffleFlagOrgOverrideModel
from openedx_user_groups import api
from openedx_user_groups.events import listening
from openedx_user_groups.models import GroupCollection, UserGroup
from openedx_user_groups.platform import toggles
from tests.by_api import VERIFIED, a_group, leaf, row_of, statements
from tests.factories import a_course, scope_of_course, scope_of_instance, scope_of_organization
from tests.happenings import CountingCache, scope_ids

ENROLLED = "org.openedx.learning.course.enrollment.changed.v1"
GRADED = "org.openedx.learning.course.persistent_grade_summary.changed.v1"
LOGGED_IN = "org.openedx.learning.auth.session.login.completed.v1"
ACCOUNT, STANDING, PROFILE = "auth.User", "student.UserStanding", "student.UserProfile"
SEEN_LATELY = {"all": [leaf("last_login", "within_days", days=10)]}
STAFF = {"all": [leaf("staff_status", "is_true")]}
OFF_BY_DEFAULT = override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=False)
COUNTED = override_settings(CACHES={"default": {"BACKEND": "tests.happenings.CountingCache"}})

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _an_empty_cache():
    cache.clear()
    yield
    cache.clear()


def test_an_event_of_a_course_is_heard_in_the_course_its_organization_and_the_instance(course) -> None:
    here = a_group(scope_of_course(course), VERIFIED)
    around = a_group(scope_of_organization(), VERIFIED)
    everywhere = a_group(scope_of_instance(), {"all": [leaf("enrolled_in_course", "in", course_keys=[str(course.id)])]})
    elsewhere = a_group(scope_of_course(a_course("course-v1:Acme+B2+2026")), VERIFIED)

    heard = listening.scopes_of(ENROLLED, str(course.id))

    assert heard.keys() == scope_ids(here, around, everywhere)
    assert not heard.keys() & scope_ids(elsewhere)


def test_the_organization_is_the_one_of_the_course_and_not_of_its_key() -> None:
    course = a_course("course-v1:Key+A1+2026", org="Owner")
    a_course("course-v1:Key+B2+2026")
    owner = a_group(scope_of_organization("Owner"), VERIFIED)
    a_group(scope_of_organization("Key"), VERIFIED)

    assert listening.scopes_of(ENROLLED, str(course.id)).keys() == scope_ids(owner)


def test_only_what_a_criterion_names_is_heard_but_for_changes_of_the_population(course) -> None:
    group = a_group(scope_of_course(course), STAFF)
    (scope,) = scope_ids(group)

    assert listening.scopes_of(GRADED, str(course.id)) == {}
    assert listening.scopes_of(ENROLLED, str(course.id)) == {scope: {listening.POPULATION}}
    assert listening.scopes_of(ACCOUNT) == {None: {"staff_status"}}
    assert listening.scopes_of(STANDING) == {None: {listening.POPULATION}}


def test_whoever_is_active_belongs_to_the_instance_and_enrollments_do_not_matter_there(course) -> None:
    a_group(scope_of_instance(), STAFF)

    assert listening.scopes_of(ACCOUNT) == {None: {"staff_status", listening.POPULATION}}
    assert listening.scopes_of(ENROLLED, str(course.id)) == {}


@pytest.mark.parametrize("key", ["course-v1:Acme+GONE+2026", "course-v1:acme+A1+2026", "lib:Acme:words", "nonsense"])
def test_of_what_is_no_course_here_nobody_hears(course, key) -> None:
    a_group(scope_of_course(course), VERIFIED)
    a_group(scope_of_organization(), VERIFIED)

    assert listening.scopes_of(ENROLLED, key) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"status": "draft"},
        {"status": "paused"},
        {"status": "archived"},
        {"status": "deleted"},
        {"method": "schedule"},
        {"method": "request"},
    ],
    ids=str,
)
def test_groups_that_events_do_not_refresh_do_not_listen(course, change) -> None:
    group = a_group(scope_of_course(course), VERIFIED)
    UserGroup.objects.filter(uuid=group.uuid).update(**change)

    assert listening.scopes_of(ENROLLED, str(course.id)) == {}


def test_nor_do_groups_without_a_rule_unless_chance_fills_them(course) -> None:
    group = a_group(scope_of_course(course))
    assert listening.scopes_of(ENROLLED, str(course.id)) == {}

    GroupCollection.objects.filter(pk=row_of(group).collection_id).update(kind=GroupCollection.Kind.RANDOM)

    assert listening.scopes_of(ENROLLED, str(course.id)) == {row_of(group).scope_id: {listening.POPULATION}}
    assert listening.scopes_of(GRADED, str(course.id)) == {}


def test_with_events_only_they_listen(course) -> None:
    group = a_group(scope_of_course(course), VERIFIED)
    UserGroup.objects.filter(uuid=group.uuid).update(method="events")

    assert listening.scopes_of(ENROLLED, str(course.id)).keys() == scope_ids(group)


class TestTheFlag:
    """Where the feature is off, nobody listens."""

    @OFF_BY_DEFAULT
    def test_it_is_asked_for_each_scope(self, course) -> None:
        group, around = a_group(scope_of_course(course), VERIFIED), a_group(scope_of_organization(), VERIFIED)
        assert listening.scopes_of(ENROLLED, str(course.id)) == {}

        WaffleFlagOrgOverrideModel.objects.create(waffle_flag=toggles.NAME, org="Acme", enabled=True)
        assert listening.scopes_of(ENROLLED, str(course.id)).keys() == scope_ids(group, around)

        WaffleFlagCourseOverrideModel.objects.create(
            waffle_flag=toggles.NAME, course_id=course.id, override_choice="off", enabled=True
        )
        assert listening.scopes_of(ENROLLED, str(course.id)).keys() == scope_ids(around)

    @OFF_BY_DEFAULT
    def test_without_a_course_one_scope_where_it_is_on_is_enough(self, course) -> None:
        other = a_course("course-v1:Other+A1+2026")
        a_group(scope_of_course(course), SEEN_LATELY)
        a_group(scope_of_course(other), STAFF)
        assert listening.scopes_of(ACCOUNT) == {}

        WaffleFlagOrgOverrideModel.objects.create(waffle_flag=toggles.NAME, org="Acme", enabled=True)
        assert listening.scopes_of(ACCOUNT) == {None: {"last_login"}}


@pytest.mark.django_db(transaction=True)
class TestTheCache:
    """What is known is not read again, and never outlives what it is about."""

    @COUNTED
    def test_what_nobody_listens_to_costs_one_call_of_the_cache_and_no_statement(self, course) -> None:
        a_group(scope_of_course(a_course("course-v1:Acme+B2+2026")), VERIFIED)
        assert listening.scopes_of(ENROLLED, str(course.id)) == {}
        CountingCache.calls.clear()

        with statements() as sent:
            assert listening.scopes_of(ENROLLED, str(course.id)) == {}

        assert (sent, CountingCache.calls) == ([], ["get_many"])

    @COUNTED
    def test_so_does_what_somebody_listens_to(self, course) -> None:
        scopes = scope_ids(a_group(scope_of_course(course), VERIFIED))
        listening.scopes_of(ENROLLED, str(course.id))
        CountingCache.calls.clear()

        with statements() as sent:
            assert listening.scopes_of(ENROLLED, str(course.id)).keys() == scopes

        assert (sent, CountingCache.calls) == ([], ["get_many"])

    def test_every_act_on_a_group_is_seen_at_once(self, course) -> None:
        def is_heard() -> bool:
            return bool(listening.scopes_of(ENROLLED, str(course.id)))

        group = api.create_group(scope_of_course(course), name="Verified", rule=VERIFIED)
        assert not is_heard()
        for act, heard in (
            (api.activate_group, True),
            (api.pause_group, False),
            (api.activate_group, True),
            (api.archive_group, False),
            (api.activate_group, True),
            (api.delete_group, False),
        ):
            act(group.uuid)
            assert is_heard() is heard, act

    def test_what_a_transaction_changes_is_known_to_itself_and_to_nobody_when_it_fails(self, course) -> None:
        group = a_group(scope_of_course(course), VERIFIED)

        with transaction.atomic():
            api.pause_group(group.uuid)
            assert listening.scopes_of(ENROLLED, str(course.id)) == {}
            transaction.set_rollback(True)

        assert listening.scopes_of(ENROLLED, str(course.id)).keys() == scope_ids(group)

    def test_a_flag_that_is_switched_is_seen_at_once(self, course) -> None:
        a_group(scope_of_course(course), VERIFIED)
        assert listening.scopes_of(ENROLLED, str(course.id))

        get_waffle_flag_model().objects.create(name=toggles.NAME, everyone=False)
        assert not listening.scopes_of(ENROLLED, str(course.id))

        get_waffle_flag_model().objects.get(name=toggles.NAME).delete()
        assert listening.scopes_of(ENROLLED, str(course.id))

    def test_a_cache_that_forgets_changes_no_answer(self, course) -> None:
        group = a_group(scope_of_course(course), VERIFIED)
        listening.scopes_of(ENROLLED, str(course.id))
        UserGroup.objects.filter(uuid=group.uuid).update(status="paused")
        assert listening.scopes_of(ENROLLED, str(course.id)), "nobody has told the cache"

        cache.delete(listening.GENERATION)

        assert not listening.scopes_of(ENROLLED, str(course.id))

    @override_settings(CACHES={"default": {"BACKEND": "tests.happenings.NoCache"}})
    def test_without_a_cache_the_database_is_asked(self, course) -> None:
        group = a_group(scope_of_course(course), VERIFIED)

        assert listening.scopes_of(ENROLLED, str(course.id)).keys() == scope_ids(group)

    def test_so_it_is_where_the_cache_is_gone_before_it_has_taken_the_answer(self, course, monkeypatch) -> None:
        group = a_group(scope_of_course(course), VERIFIED)
        monkeypatch.setattr(LocMemCache, "set", Mock(side_effect=ConnectionError))

        assert listening.scopes_of(ENROLLED, str(course.id)).keys() == scope_ids(group)


@pytest.mark.django_db(transaction=True)
class TestASwitch:
    """Of what happens while it is off nobody hears: the groups are due when it is on again."""

    @pytest.fixture
    def groups(self, course) -> dict[str, UserGroup]:
        elsewhere = a_course("course-v1:Other+A1+2026")
        made = {
            "course": a_group(scope_of_course(course), VERIFIED),
            "events": a_group(scope_of_course(course), VERIFIED, method="events"),
            "requests": a_group(scope_of_course(course), VERIFIED, method="request"),
            "static": a_group(scope_of_course(course)),
            "organization": a_group(scope_of_organization("Acme"), VERIFIED),
            "elsewhere": a_group(scope_of_course(elsewhere), VERIFIED),
        }
        UserGroup.objects.update(next_due=None)
        return {name: row_of(group) for name, group in made.items()}

    @staticmethod
    def due(groups) -> set[str]:
        due = set(UserGroup.objects.filter(next_due__lte=timezone.now()).values_list("pk", flat=True))
        return {name for name, row in groups.items() if row.pk in due}

    def test_of_a_course(self, course, groups) -> None:
        WaffleFlagCourseOverrideModel.objects.create(waffle_flag=toggles.NAME, course_id=course.id, enabled=True)

        assert self.due(groups) == {"course", "events"}

    def test_of_an_organization_with_its_courses(self, groups) -> None:
        WaffleFlagOrgOverrideModel.objects.create(waffle_flag=toggles.NAME, org="Acme", enabled=True)

        assert self.due(groups) == {"course", "events", "organization"}

    def test_of_everything(self, groups) -> None:
        get_waffle_flag_model().objects.create(name=toggles.NAME, everyone=True)

        assert self.due(groups) == {"course", "events", "organization", "elsewhere"}

    def test_of_another_feature(self, groups) -> None:
        get_waffle_flag_model().objects.create(name="other.flag", everyone=True)

        assert self.due(groups) == set()
