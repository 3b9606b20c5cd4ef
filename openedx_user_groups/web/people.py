"""People in lists of who would join or leave a group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from .. import api
from ..permissions import Person
from . import access
from .accounts import Account, accounts


def told_of(person: Person, group_uuid: UUID, users: Sequence[Any]) -> list[Account]:
    """Users as ``person`` may see them: whoever has left the scope is named, and no more is told of them."""
    ids = [user.pk for user in users]
    known = accounts(ids)
    told = api.belonging(group_uuid, ids) if access.is_discreet(person) else set(ids)
    return [known[pk] if pk in told else Account(known[pk].username, "", "") for pk in ids if pk in known]
