"""The dataset's rows become rows of the platform."""

import csv
import gzip
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from organizations.models import OrganizationCourse

from common.djangoapps.student.models import CourseEnrollment, UserProfile
from lms.djangoapps.certificates.models import GeneratedCertificate
from lms.djangoapps.grades.models import PersistentCourseGrade
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

pytestmark = pytest.mark.django_db

RUN = {"code_module": "XYZ", "code_presentation": "2013J"}
NEXT_RUN = {"code_module": "XYZ", "code_presentation": "2014B"}
KEY = "course-v1:OULAD+XYZ+2013J"
NEXT_KEY = "course-v1:OULAD+XYZ+2014B"
ANA, BEN, CAI = "11", "12", "13"


def day(*date):
    return datetime(*date, tzinfo=UTC)


def assessment(number, kind, weight, run=RUN):
    return {**run, "id_assessment": number, "assessment_type": kind, "date": "10", "weight": weight}


def person(student, run=RUN, **changes):
    row = {
        "id_student": student,
        "gender": "F",
        "region": "Scotland",
        "highest_education": "HE Qualification",
        "studied_credits": "60",
        "final_result": "Fail",
    }
    return {**run, **row, **changes}


def registration(student, registered, unregistered="", run=RUN):
    return {**run, "id_student": student, "date_registration": registered, "date_unregistration": unregistered}


def submission(student, number, submitted, score):
    return {
        "id_assessment": number,
        "id_student": student,
        "date_submitted": submitted,
        "is_banked": "0",
        "score": score,
    }


FILES = {
    "courses": [{**RUN, "module_presentation_length": "268"}, {**NEXT_RUN, "module_presentation_length": "241"}],
    "assessments": [
        assessment("1", "TMA", "12.5"),
        assessment("2", "CMA", "37.5"),
        assessment("3", "Exam", "100"),
        assessment("4", "TMA", "0"),
        assessment("5", "TMA", "20", NEXT_RUN),
    ],
    "studentInfo": [
        person(ANA, studied_credits="90", final_result="Distinction"),
        person(ANA, NEXT_RUN, final_result="Pass"),
        person(BEN, gender="M", highest_education="No Formal quals", final_result="Withdrawn"),
        person(CAI, highest_education="Post Graduate Qualification", region="Wales"),
    ],
    "studentRegistration": [
        registration(ANA, "-31"),
        registration(ANA, "5", run=NEXT_RUN),
        registration(BEN, "", "12"),
        registration(CAI, "0"),
    ],
    "studentAssessment": [
        submission(ANA, "1", "18", "80"),
        submission(ANA, "2", "20", "40"),
        submission(ANA, "3", "200", "100"),
        submission(ANA, "5", "30", ""),
        submission(CAI, "4", "-1", "39"),
    ],
}


@pytest.fixture
def directory(tmp_path):
    """Hold a tiny dataset, its largest file packed."""
    for name, rows in FILES.items():
        packed = name == "studentAssessment"
        path = tmp_path / (f"{name}.csv.gz" if packed else f"{name}.csv")
        with (gzip.open if packed else open)(path, "wt", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], quoting=csv.QUOTE_ALL)
            writer.writeheader()
            writer.writerows(rows)
    return tmp_path


@pytest.fixture
def loaded(directory):
    call_command("load_oulad", directory)


@pytest.mark.usefixtures("loaded")
def test_students_become_users_with_the_numbers_of_the_dataset():
    ana = User.objects.get(id=11)

    assert (ana.username, ana.email) == ("oulad_11", "oulad_11@example.com")
    assert not ana.has_usable_password()
    assert User.objects.count() == 3
    assert User.objects.create(username="somebody").pk > 13


@pytest.mark.usefixtures("loaded")
def test_the_last_log_in_is_the_latest_submission_over_all_runs():
    assert User.objects.get(id=11).last_login == day(2014, 4, 19)
    assert User.objects.get(id=12).last_login is None
    assert User.objects.get(id=13).last_login == day(2013, 9, 30)


@pytest.mark.usefixtures("loaded")
def test_profiles_take_gender_education_and_region():
    columns = ("gender", "level_of_education", "city")

    assert UserProfile.objects.values_list(*columns).get(user=12) == ("m", "none", "Scotland")
    assert UserProfile.objects.values_list(*columns).get(user=13) == ("f", "m", "Wales")


@pytest.mark.usefixtures("loaded")
def test_registrations_become_enrollments():
    columns = ("user_id", "course_id", "created", "is_active", "mode")
    rows = {(user, str(key), *others) for user, key, *others in CourseEnrollment.objects.values_list(*columns)}

    assert rows == {
        (11, KEY, day(2013, 8, 31), True, "verified"),
        (11, NEXT_KEY, day(2014, 2, 6), True, "audit"),
        (12, KEY, day(2013, 10, 1), False, "audit"),
        (13, KEY, day(2013, 10, 1), True, "audit"),
    }


@pytest.mark.usefixtures("loaded")
def test_grades_are_weighted_means_without_exams_and_plain_means_without_weights():
    grades = {(grade.user_id, str(grade.course_id)): grade for grade in PersistentCourseGrade.objects.all()}

    assert set(grades) == {(11, KEY), (13, KEY)}
    assert grades[11, KEY].percent_grade == pytest.approx(0.5)
    assert grades[11, KEY].passed_timestamp == day(2013, 10, 21)
    assert grades[13, KEY].percent_grade == pytest.approx(0.39)
    assert grades[13, KEY].passed_timestamp is None


@pytest.mark.usefixtures("loaded")
def test_those_who_passed_have_certificates():
    columns = ("user_id", "course_id", "status", "mode")
    rows = {(user, str(key), *others) for user, key, *others in GeneratedCertificate.objects.values_list(*columns)}

    assert rows == {(11, KEY, "downloadable", "verified"), (11, NEXT_KEY, "downloadable", "audit")}


@pytest.mark.usefixtures("loaded")
def test_runs_become_courses_of_one_organization():
    assert set(CourseOverview.objects.values_list("org", flat=True)) == {"OULAD"}
    assert CourseOverview.objects.get(id=KEY).start == day(2013, 10, 1)
    assert set(OrganizationCourse.objects.values_list("course_id", flat=True)) == {KEY, NEXT_KEY}


def test_a_second_load_says_so_and_changes_nothing(directory, capsys):
    call_command("load_oulad", directory)
    call_command("load_oulad", directory)

    assert capsys.readouterr().out.splitlines() == [
        "Loaded 3 users, 2 courses, 4 enrollments.",
        "In place: the dataset was loaded before.",
    ]
    assert CourseEnrollment.objects.count() == 4


def test_missing_files_are_named(directory):
    (directory / "courses.csv").unlink()
    (directory / "studentAssessment.csv.gz").unlink()

    with pytest.raises(CommandError, match=r"lacks courses\.csv, studentAssessment\.csv"):
        call_command("load_oulad", directory)


def test_missing_columns_are_named(directory):
    (directory / "courses.csv").write_text("code_module,code_presentation\nXYZ,2013J\n")

    with pytest.raises(CommandError, match=r"courses\.csv lacks the columns module_presentation_length"):
        call_command("load_oulad", directory)


def test_a_row_that_makes_no_sense_loads_nothing(directory):
    (directory / "courses.csv").write_text("code_module,code_presentation,module_presentation_length\nXYZ,2013J,long\n")

    with pytest.raises(CommandError, match="makes no sense"):
        call_command("load_oulad", directory)
    assert not User.objects.exists()


def test_rows_of_others_in_the_way_are_reported(directory):
    User.objects.create(id=11, username="somebody")

    with pytest.raises(CommandError, match="in the way"):
        call_command("load_oulad", directory)
    assert not CourseOverview.objects.exists()
