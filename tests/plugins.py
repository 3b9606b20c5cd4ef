"""Packages that extend this one, as tests need them: written into a folder and found as installed ones are."""

import csv
import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

from openedx_user_groups import sources
from openedx_user_groups.criteria import registry

CRITERIA, SOURCES = "openedx_user_groups.criteria", "openedx_user_groups.sources"

# A module with a criterion that works, called acme.working.
WORKING = """
    from django.db.models import Q
    from openedx_user_groups.criteria import Criterion, Operator, register

    @register("acme.working")
    class Working(Criterion):
        title = "Working"
        scopes = ("course", "organization", "instance")
        operators = {Operator.IS_TRUE: {"type": "object", "additionalProperties": False}}

        def predicate(self):
            return Q(pk__isnull=False)

        def describe(self):
            return "works"
"""
# A module with a data source, called acme.source.
SOURCE = """
    from openedx_user_groups.sources import register_source

    @register_source("acme.source")
    class Source:
        def __init__(self, *, scope, users=None):
            self.users = users
"""


class Packages:
    """A folder of installed packages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, name: str, code: str = "", *, group: str = CRITERIA, points: str = "", **modules: str) -> None:
        """Install a distribution: the code is that of the module ``name``, which its entry point names.

        Modules beside it have names of their own; ``points`` takes the place of the entry points.
        """
        for module, text in {name: code, **modules}.items():
            (self.folder / f"{module}.py").write_text(dedent(text), encoding="utf-8")
        info = self.folder / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(points or f"[{group}]\n{name} = {name}\n", encoding="utf-8")
        importlib.invalidate_caches()


@contextmanager
def packages(folder: Path) -> Iterator[Packages]:
    """Room for packages; afterwards they are gone, and what they have registered with them."""
    modules, known = set(sys.modules), sources.registered()
    sys.path.insert(0, str(folder))
    try:
        with registry.temporarily():
            yield Packages(folder)
    finally:
        sources.restore(known)
        sys.path.remove(str(folder))
        for name in set(sys.modules) - modules:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
                del sys.modules[name]
        importlib.invalidate_caches()


class Register:
    """The file that the campus of the example plugin writes every night."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def write(self, programmes: Mapping[str, str]) -> None:
        with self.file.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(["username", "programme"])
            lines.writerows(programmes.items())
