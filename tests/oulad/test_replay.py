"""A module of the dataset as a stream of events, in one process."""

import os
from pathlib import Path

import pytest

from tests.sandbox.demo.oulad.load import Dataset
from tests.sandbox.replay.replay import Replay
from tests.sandbox.replay.stream import ENROLLS, HANDS_IN, UNENROLLS, Stream

pytestmark = pytest.mark.oulad


@pytest.fixture
def folder():
    name = os.environ.get("OPENEDX_USER_GROUPS_OULAD")
    assert name, "OPENEDX_USER_GROUPS_OULAD must name the folder of the dataset."
    return Path(name)


@pytest.mark.django_db(transaction=True)
def test_after_a_module_the_members_are_those_of_a_full_evaluation(folder):
    stream = Stream(folder, ["AAA"])
    # With workers, under the mark services, it is played much further.
    del stream.acts[1_200:]
    report = Replay(stream, lot=100).run(points=3)

    assert report.problems == []
    assert report.figures["members"] > 500


def test_the_stream_is_the_whole_dataset(folder):
    stream = Stream(folder)
    kinds = [act.kind for act in stream.acts]

    assert {kind: kinds.count(kind) for kind in set(kinds)} == {ENROLLS: 32_593, UNENROLLS: 10_072, HANDS_IN: 173_912}
    latest = {(act.student_id, act.run): act.grade for act in stream.acts if act.grade is not None}
    assert latest == pytest.approx({where: grade.percent for where, grade in Dataset(folder).grades.items()})
