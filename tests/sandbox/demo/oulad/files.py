"""Reads the dataset's files, packed or not."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

COLUMNS = {
    "courses": {"code_module", "code_presentation", "module_presentation_length"},
    "assessments": {"code_module", "code_presentation", "id_assessment", "assessment_type", "weight"},
    "studentInfo": {
        "code_module",
        "code_presentation",
        "id_student",
        "gender",
        "region",
        "highest_education",
        "studied_credits",
        "final_result",
    },
    "studentRegistration": {
        "code_module",
        "code_presentation",
        "id_student",
        "date_registration",
        "date_unregistration",
    },
    "studentAssessment": {"id_assessment", "id_student", "date_submitted", "score"},
}

Row = dict[str, str]


class DatasetError(Exception):
    """The directory does not hold the dataset."""


def check(directory: Path) -> None:
    """Raise DatasetError unless every file is there."""
    missing = [f"{name}.csv" for name in COLUMNS if _path(directory, name) is None]
    if missing:
        raise DatasetError(f"{directory} lacks {', '.join(missing)} (each may be packed as .csv.gz)")


def read(directory: Path, name: str) -> Iterator[Row]:
    """Yield the rows of a file by column."""
    path = _path(directory, name)
    if path is None:
        raise DatasetError(f"{directory} lacks {name}.csv")
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        missing = COLUMNS[name] - set(rows.fieldnames or ())
        if missing:
            raise DatasetError(f"{path.name} lacks the columns {', '.join(sorted(missing))}")
        yield from rows


def _path(directory: Path, name: str) -> Path | None:
    paths = (directory / f"{name}.csv", directory / f"{name}.csv.gz")
    return next((path for path in paths if path.is_file()), None)
