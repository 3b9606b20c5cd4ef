"""The how-tos for authors of plugins: their code is written down as it stands there, installed, and run."""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^\.\. code-block:: (\w+)\n(?:   :caption: (\S+)\n)?\n((?:   .*\n|\n)+)", re.M)
IN_THE_API = """
def test_the_api_shows_it_with_its_schemas(admin_client):
    answer = admin_client.get("/api/user_group/v1/criterion_types/").json()
    types = {one["name"]: one for one in (answer if isinstance(answer, list) else answer["results"])}

    assert types[{name!r}]["unavailable"] == ""
    assert types[{name!r}]["operators"]["is_true"]["required"] == [{key!r}]
    assert types[{name!r}]["operators"]["is_false"]["additionalProperties"] is False
"""


class Package(NamedTuple):
    """What a how-to makes the reader write and run."""

    files: dict[str, str]
    commands: list[str]


def package(document: str) -> Package:
    """Every block of code of a how-to that is a file, and every one that is to be run."""
    text = (CHECKOUT / "docs" / "how-tos" / document).read_text(encoding="utf-8")
    blocks = [(kind, caption, _dedented(code)) for kind, caption, code in BLOCK.findall(text)]
    assert len(blocks) == text.count(".. code-block::"), "every block has to be understood"
    files = {caption: code for _kind, caption, code in blocks if caption}
    commands = [code for kind, _caption, code in blocks if kind == "bash"]
    assert {kind for kind, caption, _code in blocks if not caption} <= {"bash", "json"}
    return Package(files, commands)


def _dedented(code: str) -> str:
    return re.sub(r"^   ", "", code, flags=re.M).strip("\n") + "\n"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Where the reader works: a checkout of this repository with an environment, and room for a package beside it."""
    checkout = tmp_path / "openedx-user-groups"
    checkout.mkdir()
    for name in ("openedx_user_groups", "tests", "tox.ini"):
        (checkout / name).symlink_to(CHECKOUT / name)
    environment = checkout / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    # It has all that the environment of these tests has, and keeps for itself what is installed into it.
    inherited = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    [site_packages] = environment.glob("lib/python*/site-packages")
    (site_packages / "inherited.pth").write_text(inherited, encoding="utf-8")
    return tmp_path


def run(command: str, folder: Path) -> str:
    """What the commands print, one after the other; they have to succeed."""
    # Nothing of the tests that are running here: their database, for one.
    others = ("PYTEST_", "DJANGO_", "DATABASE_")
    mine = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    # "0" is pip's way to say that the build is not isolated: with setuptools at hand nothing is downloaded.
    environment = mine | {"PIP_NO_BUILD_ISOLATION": "0", "PIP_QUIET": "2", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(
        ["bash", "-eu", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("document", "name", "key", "passed"),
    [
        ("write-a-criterion.rst", "acme.visited_unit", "unit", 3),
        ("write-a-data-source.rst", "library.overdue", "days", 4),
    ],
)
def test_a_package_written_by_the_how_to_works_as_it_says(document, name, key, passed, desk) -> None:
    written = package(document)
    folder = desk / name.partition(".")[0]
    for caption, code in written.files.items():
        file = folder / caption
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code, encoding="utf-8")
    api_test = IN_THE_API.replace("{name!r}", repr(name)).replace("{key!r}", repr(key))
    (folder / "test_in_the_api.py").write_text(api_test, encoding="utf-8")

    printed = [run(command, folder) for command in written.commands]

    assert f"{passed} passed" in printed[-1]


@pytest.mark.parametrize("document", ["write-a-criterion.rst", "write-a-data-source.rst"])
def test_a_criterion_takes_less_than_thirty_lines(document) -> None:
    files = package(document).files
    [code] = [code for caption, code in files.items() if caption.endswith("/criteria.py")]

    assert len([line for line in code.splitlines() if line.strip()]) < 30


def test_the_schema_that_the_how_to_writes_out_is_the_short_one() -> None:
    import json

    from openedx_user_groups.criteria.schemas import TEXT, config

    text = (CHECKOUT / "docs" / "how-tos" / "write-a-criterion.rst").read_text(encoding="utf-8")
    [schema] = [code for kind, _caption, code in BLOCK.findall(text) if kind == "json"]

    assert json.loads(schema) == config(unit=TEXT)
