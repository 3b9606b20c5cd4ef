"""The page of a group: its sections stand side by side, each at an address of its own."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from ... import api
from ...models import UserGroup
from .base import PageView

# The sections in their order: the name of the address, and what it is called.
SECTIONS = (
    ("group", _("Overview")),
    ("rule", _("Rule")),
    ("members", _("Members")),
    ("why", _("Why?")),
    ("exclusions", _("Kept out")),
    ("history", _("History")),
    ("refreshes", _("Refreshes")),
    ("revisions", _("Revisions")),
    ("settings", _("Settings")),
)


class GroupPage(PageView):
    """What all sections have in common."""

    section: ClassVar[str]

    def about(self, row: UserGroup) -> dict[str, Any]:
        """What every section shows of the group."""
        group = api.get_group(row.uuid, asker=self.person)
        return {"group": group, "sections": SECTIONS, "section": self.section, **self.place(group.scope)}
