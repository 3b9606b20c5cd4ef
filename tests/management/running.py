"""Runs commands in this process, and tells what they wrote and how they ended."""

import io
import json
from typing import Any, NamedTuple

from django.core.management import call_command
from django.core.management.base import CommandError


class Ended(NamedTuple):
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its standard output as JSON."""
        return json.loads(self.out)


def run(name: str, *arguments: object, stdin: bytes = b"") -> Ended:
    """Run a command; a CommandError is what the command line would make of it."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    source = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    options = {"stdin": source} if name in ("preview_user_group", "import_user_group") else {}
    try:
        call_command(name, *map(str, arguments), stdout=out, stderr=err, **options)
    except CommandError as error:
        return Ended(error.returncode, out.getvalue(), str(error))
    except SystemExit as end:
        code = int(end.code or 0)
    return Ended(code, out.getvalue(), err.getvalue())
