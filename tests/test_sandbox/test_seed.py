"""The seed: the same people every time, nobody twice."""

from datetime import timedelta

import pytest
from completion.models import BlockCompletion
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import transaction
from organizations.models import Organization

from common.djangoapps.student.models import CourseAccessRole, CourseEnrollment, UserProfile, UserStanding
from lms.djangoapps.certificates.models import GeneratedCertificate
from lms.djangoapps.grades.models import PersistentCourseGrade
from openedx.core.djangoapps.content.block_structure.api import get_course_in_cache
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx.core.djangoapps.user_api.models import UserRetirementStatus
from tests.sandbox.demo.accounts import ACCOUNTS
from tests.sandbox.demo.courses import course, units
from tests.sandbox.demo.freshen import freshen
from tests.sandbox.demo.models import Seeding
from tests.sandbox.demo.seed import seed

pytestmark = pytest.mark.django_db

COLUMNS = {
    User: ("id", "username", "email", "is_active", "is_staff", "last_login", "date_joined"),
    UserProfile: ("user_id", "name", "gender", "level_of_education", "city", "country"),
    UserStanding: ("user_id", "account_status"),
    UserRetirementStatus: ("user_id", "retired_username"),
    CourseAccessRole: ("user_id", "org", "course_id", "role"),
    CourseEnrollment: ("user_id", "course_id", "created", "is_active", "mode"),
    BlockCompletion: ("user_id", "block_key", "completion", "modified"),
    PersistentCourseGrade: ("user_id", "course_id", "percent_grade", "passed_timestamp"),
    GeneratedCertificate: ("user_id", "course_id", "status", "mode"),
}


def nobody_watches(written):
    """Stand for a progress bar."""


def contents():
    """Return every seeded row, instants as the time before the anchor."""
    anchor = Seeding.objects.get().anchor

    def told(value):
        return anchor - value if hasattr(value, "tzinfo") else str(value)

    return {
        model: {tuple(map(told, row)) for row in model._default_manager.values_list(*columns)}
        for model, columns in COLUMNS.items()
    }


def test_a_seed_that_grows_ends_up_the_same_as_one_made_at_once():
    with transaction.atomic():
        seed(60, 3, nobody_watches)
        at_once = contents()
        transaction.set_rollback(True)

    seed(15, 1, nobody_watches)
    seed(40, 2, nobody_watches)
    seed(60, 3, nobody_watches)

    assert contents() == at_once
    assert len(at_once[BlockCompletion]) > 60


def test_a_second_seed_changes_nothing(capsys):
    call_command("seed_lms", learners=30)
    before = contents()
    call_command("seed_lms", learners=30)
    call_command("seed_lms", learners=10)

    assert contents() == before
    said = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in said] == ["Seeded", "In place", "In place"]


def test_the_seed_holds_people_of_every_kind():
    seed(800, 3, nobody_watches)
    first = CourseEnrollment.objects.filter(course_id=course(0).key)

    assert first.count() == 801
    assert set(first.values_list("mode", flat=True)) == {"audit", "verified", "honor"}
    assert first.filter(is_active=False).exists()
    assert User.objects.filter(last_login=None, is_staff=False).exists()
    assert User.objects.filter(last_login=None, is_staff=True).exists()
    assert User.objects.filter(is_active=False).exists()
    assert UserStanding.objects.exists()
    assert UserRetirementStatus.objects.exists()
    assert GeneratedCertificate.objects.filter(status="downloadable").exists()
    assert UserProfile.objects.filter(city="L'Aquila").exists()


def test_the_second_course_overlaps_with_the_first_and_has_learners_of_its_own():
    seed(200, 3, nobody_watches)
    first, second, third = (
        set(CourseEnrollment.objects.filter(course_id=course(number).key).values_list("user_id", flat=True))
        for number in range(3)
    )

    assert first & second
    assert second - first
    assert len(first) > len(second) > len(third) > 0
    assert set(Organization.objects.values_list("short_name", flat=True)) == {"DemoX", "OtherU"}
    assert CourseOverview.objects.get(id=course(1).key).org == "DemoX"


def test_seeded_instants_are_half_a_day_away_from_whole_days():
    seed(40, 2, nobody_watches)
    anchor = Seeding.objects.get().anchor
    instants = [
        *User.objects.exclude(last_login=None).values_list("last_login", flat=True),
        *User.objects.values_list("date_joined", flat=True),
        *CourseEnrollment.objects.values_list("created", flat=True),
    ]

    assert {(anchor - instant) % timedelta(days=1) for instant in instants} == {timedelta(hours=12)}


def test_new_users_get_numbers_behind_the_seeded_ones():
    seed(20, 1, nobody_watches)

    assert User.objects.create(username="somebody").pk > 20_000_000


def test_the_blocks_of_a_course_are_those_that_can_be_completed_and_what_holds_them():
    seed(1, 1, nobody_watches)
    keys = list(get_course_in_cache(course(0).key).get_block_keys())

    assert set(units(course(0).key)) < set(keys)
    assert {key.block_type for key in keys} == {"course", "chapter", "sequential", "video", "html", "problem"}


def test_everybody_on_the_login_page_can_log_in():
    seed(1, 1, nobody_watches)

    assert all(authenticate(username=each.username, password=each.username) for each in ACCOUNTS)


def test_an_older_seed_is_moved_to_now_and_what_happened_since_stays():
    seed(30, 2, nobody_watches)
    before = contents()
    days = timedelta(days=3, hours=5)
    made_older(days)
    User.objects.filter(username="instructor").update(last_login=Seeding.objects.get().anchor + days)
    looked_in = User.objects.get(username="instructor").last_login

    assert freshen()
    assert not freshen()

    assert User.objects.get(username="instructor").last_login == looked_in
    without_instructor = {row for row in contents()[User] if row[1] != "instructor"}
    assert without_instructor == {row for row in before[User] if row[1] != "instructor"}
    assert all(contents()[model] == before[model] for model in COLUMNS if model is not User)


def made_older(age):
    """Do as if everything had been seeded earlier."""
    seeding = Seeding.objects.get()
    seeding.anchor -= age
    seeding.save()
    for model, columns in COLUMNS.items():
        for row in model._default_manager.all():
            for column in columns:
                value = getattr(row, column)
                if hasattr(value, "tzinfo"):
                    model._default_manager.filter(pk=row.pk).update(**{column: value - age})
