"""The register of students, a CSV file that the campus information system writes every night."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model

from openedx_user_groups.data import ScopeData
from openedx_user_groups.sources import register_source

AT_A_TIME = 500


@register_source("campus.register")
class Register:
    """The register in ``settings.CAMPUS_REGISTER``: columns ``username`` and ``programme``, a line for each student."""

    def __init__(self, *, scope: ScopeData, users: Sequence[int] | None = None) -> None:
        # A degree programme has nothing to do with courses here, so the scope does not limit it.
        self.accounts = (
            get_user_model().objects.all() if users is None else get_user_model().objects.filter(pk__in=users)
        )

    def programmes(self, wanted: Collection[str] | None = None) -> Iterator[tuple[int, str]]:
        """The user id and the programme of each student; of the wanted programmes only, where they are given."""
        with Path(settings.CAMPUS_REGISTER).open(encoding="utf-8", newline="") as file:
            lines = (line for line in csv.DictReader(file) if wanted is None or line["programme"] in wanted)
            while batch := {line["username"]: line["programme"] for line in islice(lines, AT_A_TIME)}:
                # The campus knows its students by user name, groups know them by id.
                for pk, username in self.accounts.filter(username__in=batch).values_list("pk", "username"):
                    # MySQL finds names in any case, and only one of them is the student's.
                    if username in batch:
                        yield pk, batch[username]
