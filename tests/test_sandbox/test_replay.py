"""The replay in small: everything that the large one does, with a generated dataset and without workers."""

from datetime import UTC, datetime, timedelta

import pytest

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups.models import Membership, UserGroup
from tests.management.running import run
from tests.sandbox.demo.oulad.load import Dataset
from tests.sandbox.replay import checking, generated
from tests.sandbox.replay.replay import Replay
from tests.sandbox.replay.stream import ENROLLS, HANDS_IN, UNENROLLS, Calendar, Stream

PEOPLE = 20
COURSE = "course-v1:OULAD+XYZ+2013J"


@pytest.fixture
def directory(tmp_path):
    return generated.write(tmp_path, PEOPLE)


@pytest.fixture
def stream(directory):
    return Stream(directory)


@pytest.mark.django_db(transaction=True)
def test_after_a_stream_of_events_the_members_are_those_of_a_full_evaluation(stream):
    report = Replay(stream, lot=40).run(points=2)

    assert report.problems == []
    assert [point.events for point in report.points] == [len(stream.acts) * part // 2 for part in (1, 2)]
    assert report.figures["members"] > PEOPLE
    assert report.figures["past_members"] > PEOPLE, "A stream in which nobody leaves shows little."


@pytest.mark.django_db(transaction=True)
def test_what_is_wrong_is_found(stream):
    del stream.acts[40:]
    assert Replay(stream, lot=40).run(points=1).problems == []

    CourseEnrollment.objects.filter(is_active=True, course=COURSE).update(is_active=False)
    missed = checking.differences(checking.follows_events)
    assert any(problem.startswith(f"Learning of {COURSE}: 0 missing ") for problem in missed), missed

    other = UserGroup.objects.exclude(collection=Membership.objects.first().collection_id).first()
    strayed = Membership.objects.exclude(user__in=other.collection.memberships.values("user")).first()
    Membership.objects.filter(pk=strayed.pk).update(collection=other.collection)
    assert "1 memberships are of another collection than their group" in list(checking.broken_rules())


def test_the_stream_is_in_the_order_of_time_and_has_every_row_of_the_files(directory, stream):
    def rows(name):
        return (directory / f"{name}.csv").read_text().splitlines()[1:]

    kinds = [act.kind for act in stream.acts]

    assert [act.when for act in stream.acts] == sorted(act.when for act in stream.acts)
    assert kinds.count(ENROLLS) == len(rows("studentRegistration"))
    assert kinds.count(UNENROLLS) == sum(not row.endswith(",") for row in rows("studentRegistration"))
    assert kinds.count(HANDS_IN) == len(rows("studentAssessment"))


def test_the_last_grade_of_everybody_is_that_of_the_loader(directory, stream):
    latest = {(act.student_id, act.run): act.grade for act in stream.acts if act.grade is not None}
    loaded = {where: grade.percent for where, grade in Dataset(directory).grades.items()}

    assert latest == pytest.approx(loaded)


def test_nobody_leaves_a_course_before_enrolling(stream):
    enrolled = set()
    for act in stream.acts:
        if act.kind == ENROLLS:
            enrolled.add((act.student_id, act.run))
        elif act.kind == UNENROLLS:
            assert (act.student_id, act.run) in enrolled


def test_some_modules_can_be_played_alone(directory):
    assert Stream(directory, ["XYZ"]).acts == Stream(directory).acts
    assert Stream(directory, ["AAA"]).acts == []


def test_the_last_day_of_the_calendar_was_yesterday_and_people_differ_by_whole_ticks():
    begins, last = datetime(2026, 3, 15, 12, 30, tzinfo=UTC), datetime(2015, 9, 15, tzinfo=UTC)
    calendar = Calendar(begins, last, timedelta(minutes=1), ticks=20)

    assert calendar.at(last, 40) == begins - timedelta(days=1)
    assert calendar.at(last, 43) == begins - timedelta(days=1) + timedelta(minutes=3)
    assert calendar.at(last - timedelta(days=300), 43) == begins - timedelta(days=301) + timedelta(minutes=3)
    assert calendar.to_next_tick(begins + timedelta(seconds=70)) == timedelta(seconds=50)


@pytest.mark.django_db(transaction=True)
def test_the_command_plays_a_generated_dataset_once():
    played = run("replay_oulad", "--workers", "0", "--people", "5", "--points", "1", "--format", "json")
    assert (played.code, played.json["problems"], played.json["people"]) == (0, [], 5)

    again = run("replay_oulad", "--workers", "0", "--people", "5")
    assert (again.code, "in use" in again.err) == (1, True)


@pytest.mark.django_db(transaction=True)
def test_the_command_refuses_chaos_without_workers(tmp_path):
    assert "needs workers" in run("replay_oulad", "--workers", "0", "--chaos").err
    assert "lacks courses.csv" in run("replay_oulad", str(tmp_path), "--workers", "0").err
