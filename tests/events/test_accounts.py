"""Accounts, profiles, preferences and roles: groups follow the rows of the platform that no event is sent about."""

import importlib

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.test import modify_settings, override_settings
from django.utils import timezone
from openedx_events.learning.data import CourseAccessRoleData
from openedx_events.learning.signals import (
    COURSE_ACCESS_ROLE_ADDED,
    COURSE_ACCESS_ROLE_REMOVED,
    STUDENT_REGISTRATION_COMPLETED,
)
from social_django.models import UserSocialAuth

from common.djangoapps.student.models import CourseEnrollment, UserStanding
from openedx.core.djangoapps.user_api.accounts.signals import USER_RETIRE_LMS_MISC
from openedx.core.djangoapps.user_api.models import UserPreference, UserRetirementRequest
from openedx_user_groups.criteria import registry
from openedx_user_groups.events import handlers
from openedx_user_groups.models import Membership, PastMembership
from openedx_user_groups.upkeep import drain
from tests.by_api import VERIFIED, a_group, leaf, member_ids
from tests.factories import a_learner, a_user, has_role, profile, retire, scope_of_instance
from tests.happenings import enrolls, logs_in, noted, unenrolls, user_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(course):
    return a_learner(course, username="ana")


def follows(group) -> set[int]:
    """The members of a group when all that happened was dealt with."""
    drain.drain()
    assert noted() == []
    return member_ids(group)


ACCOUNT = {
    "username": (leaf("user_field", "is", field="username", value="zoe"), "zoe"),
    "email": (leaf("email_domain", "in", domains=["acme.org"]), "ana@acme.org"),
    "first_name": (leaf("user_field", "is", field="first_name", value="Ana"), "Ana"),
    "is_staff": (leaf("staff_status", "is_true"), True),
}
PROFILE = {
    "country": (leaf("country", "in", values=["ES"]), "ES"),
    "gender": (leaf("gender", "in", values=["f"]), "f"),
    "level_of_education": (leaf("level_of_education", "in", values=["p"]), "p"),
    "year_of_birth": (leaf("age", ">", years=50), 1950),
    "city": (leaf("user_field", "is", field="city", value="Lagos"), "Lagos"),
    "meta": (leaf("custom_profile_field", "is", field="team", value="red"), '{"team": "red"}'),
}


@pytest.mark.parametrize("column", ACCOUNT)
def test_each_column_of_the_account_that_a_criterion_reads(column, scope, ana) -> None:
    criterion, value = ACCOUNT[column]
    group = a_group(scope, {"all": [criterion]})
    assert follows(group) == set()

    setattr(ana, column, value)
    ana.save()

    assert follows(group) == {ana.pk}


@pytest.mark.parametrize("column", PROFILE)
def test_each_column_of_the_profile_that_a_criterion_reads(column, scope, ana) -> None:
    criterion, value = PROFILE[column]
    tells = profile(ana)
    group = a_group(scope, {"all": [criterion]})
    assert follows(group) == set()

    setattr(tells, column, value)
    tells.save()

    assert follows(group) == {ana.pk}


@pytest.mark.parametrize("column", [*ACCOUNT, "last_login"])
def test_a_column_of_the_account_is_no_change_for_criteria_that_read_others(column, scope, ana) -> None:
    others = [criterion for name, (criterion, _value) in ACCOUNT.items() if name != column][-1]
    a_group(scope, {"all": [others]})
    drain.drain()
    reads = registry.get(others["criterion"]).columns["auth.User"]

    setattr(ana, column, timezone.now() if column == "last_login" else ACCOUNT[column][1])
    ana.save()

    assert bool(noted()) == (column in reads)


def test_the_language_somebody_chooses(scope, ana) -> None:
    group = a_group(scope, {"all": [leaf("language", "in", values=["es-419"])]})

    chosen = UserPreference.objects.create(user=ana, key="pref-lang", value="es-419")
    assert follows(group) == {ana.pk}
    chosen.value = "fr"
    chosen.save()
    assert follows(group) == set()


def test_how_somebody_logs_in(scope, ana) -> None:
    group = a_group(scope, {"all": [leaf("authentication_method", "in", providers=["tpa-saml"])]})

    link = UserSocialAuth.objects.create(user=ana, provider="tpa-saml", uid="ana")
    assert follows(group) == {ana.pk}
    link.extra_data = {"token": "another"}
    link.save()
    assert noted() == []
    link.delete()
    assert follows(group) == set()


def test_a_log_in_and_a_registration(ana, scope) -> None:
    seen = a_group(scope, {"all": [leaf("last_login", "within_days", days=10)]})
    logs_in(ana, timezone.now())
    assert follows(seen) == {ana.pk}

    new = a_group(scope_of_instance(), {"all": [leaf("date_joined", "on_or_after", date="2026-01-01")]})
    ben = a_user(date_joined=timezone.now())
    STUDENT_REGISTRATION_COMPLETED.send_event(user=user_data(ben))
    assert ben.pk in follows(new)


@pytest.mark.parametrize("org_wide", [False, True])
def test_roles_with_the_events_of_the_platform(org_wide, course, scope, ana) -> None:
    group = a_group(scope, {"all": [leaf("course_role", "in", roles=["staff"])]})
    drain.drain()
    told = CourseAccessRoleData(
        user=user_data(ana), org_key="Acme", course_key="" if org_wide else course.id, role="staff"
    )

    role = has_role(ana, "staff", None if org_wide else course)
    COURSE_ACCESS_ROLE_ADDED.send_event(course_access_role_data=told)
    assert noted() == [("student.CourseAccessRole", ana.pk, "")]
    assert follows(group) == {ana.pk}

    role.role = "instructor"
    role.save()
    assert follows(group) == set(), "no event is sent when a role is edited"

    role.role = "staff"
    role.save()
    assert follows(group) == {ana.pk}
    role.delete()
    COURSE_ACCESS_ROLE_REMOVED.send_event(course_access_role_data=told)
    assert follows(group) == set()


def test_what_bulk_updates_do_is_not_heard(scope, ana) -> None:
    group = a_group(scope, {"all": [leaf("staff_status", "is_true")]})

    User.objects.filter(pk=ana.pk).update(is_staff=True)

    assert noted() == []
    assert follows(group) == set()


@pytest.mark.django_db(transaction=True)
def test_fields_that_the_platform_keeps_in_a_model_of_the_operators(course, scope, ana) -> None:
    form = {"PROFILE_EXTENSION_FORM": "custom_form_app.forms.ExtraInfoForm"}
    with (
        modify_settings(INSTALLED_APPS={"append": "custom_form_app"}),
        override_settings(**form, SERVICE_VARIANT="cms"),
    ):
        model = apps.get_model("custom_form_app.ExtraInfo")
        with connection.schema_editor() as editor:
            editor.create_model(model)
        try:
            with registry.temporarily(custom_profile_field=None):
                # As the platform starts with this setting.
                importlib.reload(importlib.import_module("openedx_user_groups.criteria.builtin.custom_profile"))
                handlers.connect()
                a_group(scope, {"all": [leaf("custom_profile_field", "is", field="department", value="Physics")]})

                model.objects.create(user=ana, department="Physics")

                assert noted() == [("custom_form_app.ExtraInfo", ana.pk, "")]
        finally:
            with connection.schema_editor() as editor:
                editor.delete_model(model)


def test_an_enrollment_that_becomes_somebody_elses_when_accounts_are_merged(course, scope, ana) -> None:
    group = a_group(scope, VERIFIED)
    old = a_learner(course, "verified", username="ana_at_work")
    enrollment = CourseEnrollment.objects.get(user=old)
    enrollment.save()
    assert follows(group) == {old.pk}

    CourseEnrollment.objects.filter(user=ana).delete()
    enrollment.user = ana
    enrollment.save()

    assert follows(group) == {ana.pk}


@pytest.mark.parametrize("everywhere", [False, True])
def test_an_account_that_is_disabled_and_enabled_again_by_hand(everywhere, scope, ana) -> None:
    group = a_group(scope_of_instance() if everywhere else scope, {"all": [leaf("staff_status", "is_false")]})
    standing = UserStanding.objects.create(user=ana, account_status="enabled")
    assert ana.pk in follows(group)

    standing.account_status = "disabled"
    standing.save()
    assert ana.pk not in follows(group)
    standing.account_status = "enabled"
    standing.save()
    assert ana.pk in follows(group)
    standing.account_status = "disabled"
    standing.save()
    standing.delete()
    assert ana.pk in follows(group)


def test_a_retirement_that_is_called_off_brings_them_back(scope, ana) -> None:
    group = a_group(scope, {"all": [leaf("staff_status", "is_false")]})
    wish = UserRetirementRequest.objects.create(user=ana)
    assert follows(group) == set()

    wish.delete()

    assert follows(group) == {ana.pk}


def test_one_that_is_gone_through_with_leaves_nothing_whatever_happens_in_which_order(course, scope, ana) -> None:
    group = a_group(scope, VERIFIED)
    enrolls(ana, course, "verified")
    assert follows(group) == {ana.pk}

    retire(ana)
    enrolls(ana, course, "audit")
    unenrolls(ana, course)
    enrolls(ana, course, "verified")
    assert follows(group) == set()
    USER_RETIRE_LMS_MISC.send(sender=None, user=ana)
    ana.username, ana.is_active = "retired__user_1", False
    ana.save()

    assert follows(group) == set()
    assert not PastMembership.objects.filter(user=ana).exists()


def test_an_account_that_is_deleted(course, scope, ana) -> None:
    group = a_group(scope, VERIFIED)
    enrolls(ana, course, "verified")
    assert follows(group) == {ana.pk}

    ana.delete()

    drain.drain()
    assert not Membership.objects.exists()
