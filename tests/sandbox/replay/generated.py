"""A small dataset of the same shape, always the same for the same seed: for tests that have no other."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

from tests.sandbox.demo.oulad.files import Row

MODULE = "XYZ"
PRESENTATIONS = ("2013J", "2014B", "2014J")
ASSIGNMENTS = (("TMA", 20, "20"), ("CMA", 60, "0"), ("TMA", 110, "30"), ("TMA", 170, "50"), ("Exam", 230, "100"))
# Most do well, and some do not.
ABILITIES = (15, 35, 45, 60, 75, 90)
EDUCATION = ("No Formal quals", "A Level or Equivalent", "HE Qualification")


def write(directory: Path, people: int, seed: int = 1) -> Path:
    """Write the dataset's files with that many people, each in one run or in two; returns the directory."""
    chance = random.Random(seed)
    files: dict[str, list[Row]] = {name: [] for name in ("studentInfo", "studentRegistration", "studentAssessment")}
    files["courses"] = [{**_run(name), "module_presentation_length": "260"} for name in PRESENTATIONS]
    files["assessments"] = list(_assessments())
    for student in range(1, people + 1):
        for presentation in chance.sample(PRESENTATIONS, chance.choice((1, 1, 2))):
            for name, row in _study(chance, str(student), presentation):
                files[name].append(row)
    for name, rows in files.items():
        with (directory / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return directory


def _run(presentation: str) -> Row:
    return {"code_module": MODULE, "code_presentation": presentation}


def _number(presentation: str, place: int) -> str:
    return f"{PRESENTATIONS.index(presentation) + 1}0{place}"


def _assessments() -> Iterator[Row]:
    for presentation in PRESENTATIONS:
        for place, (kind, day, weight) in enumerate(ASSIGNMENTS):
            number = {"id_assessment": _number(presentation, place)}
            yield {**_run(presentation), **number, "assessment_type": kind, "date": str(day), "weight": weight}


def _study(chance: random.Random, student: str, presentation: str) -> Iterator[tuple[str, Row]]:
    registered, ability = chance.randint(-60, 10), chance.choice(ABILITIES)
    left = chance.randint(-5, 200) if chance.random() < 0.3 else None
    who = {**_run(presentation), "id_student": student}
    yield (
        "studentInfo",
        {
            **who,
            "gender": chance.choice("MF"),
            "region": "Scotland",
            "highest_education": chance.choice(EDUCATION),
            "studied_credits": chance.choice(("60", "90", "120")),
            "final_result": "Withdrawn" if left is not None else "Pass",
        },
    )
    unregistered = "" if left is None else str(left)
    yield "studentRegistration", {**who, "date_registration": str(registered), "date_unregistration": unregistered}
    for place, (_kind, day, _weight) in enumerate(ASSIGNMENTS):
        submitted = day + chance.randint(-3, 3)
        if (left is None or submitted <= left) and chance.random() < 0.8:
            score = min(max(round(chance.gauss(ability, 20)), 0), 100)
            number = {"id_assessment": _number(presentation, place), "id_student": student}
            yield "studentAssessment", {**number, "date_submitted": str(submitted), "score": str(score)}
