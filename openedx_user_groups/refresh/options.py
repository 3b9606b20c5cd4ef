"""Options: how a group is refreshed and how many it may hold, checked before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import attrs
from django.utils.translation import gettext as _

from ..exceptions import InvalidGroup
from ..models import UserGroup

UpdateMode = UserGroup.UpdateMode
Method = UserGroup.Method

# Of an interval between refreshes, in seconds.
MIN_INTERVAL = 60
MAX_INTERVAL = 30 * 24 * 60 * 60
MAX_SIZE = 1_000_000


@attrs.frozen
class Options:
    """What an author decides beside the content; None stands for the setting, or what the criteria ask for.

    ``refresh_every`` is in seconds, ``removal_limit`` in percent of the members, ``size_limit`` counts learners who
    choose themselves.
    """

    update_mode: str = UpdateMode.BOTH
    method: str = Method.ANY
    refresh_every: int | None = None
    removal_limit: int | None = None
    size_limit: int | None = None

    def snapshot(self) -> dict[str, Any]:
        """As a revision keeps them."""
        return {"update_mode": str(self.update_mode), "method": str(self.method)} | {
            name: getattr(self, name) for name in RANGES
        }


# The smallest and the largest number of each option that is one.
RANGES: Mapping[str, tuple[int, int]] = {
    "refresh_every": (MIN_INTERVAL, MAX_INTERVAL),
    "removal_limit": (0, 100),
    "size_limit": (0, MAX_SIZE),
}
CHOICES: Mapping[str, list[str]] = {"update_mode": UpdateMode.values, "method": Method.values}
NAMES = (*CHOICES, *RANGES)


def checked(changes: Mapping[str, Any], old: Options) -> Options:
    """``old`` with ``changes`` to some options; raises InvalidGroup."""
    return attrs.evolve(old, **{name: _checked(name, changes[name]) for name in NAMES if name in changes})


def _checked(name: str, value: Any) -> Any:
    if name in CHOICES:
        if value not in CHOICES[name]:
            raise InvalidGroup(name, _("It must be one of: {choices}.").format(choices=", ".join(CHOICES[name])))
        return value
    lowest, highest = RANGES[name]
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if value is not None and not (is_number and lowest <= value <= highest):
        message = _("It must be a whole number from {lowest} to {highest}, or null.")
        raise InvalidGroup(name, message.format(lowest=lowest, highest=highest))
    return value


def options_of(group: UserGroup) -> Options:
    """Those that are in force for a group."""
    every = group.refresh_every
    return Options(
        update_mode=group.update_mode,
        method=group.method,
        refresh_every=None if every is None else int(every.total_seconds()),
        removal_limit=group.removal_limit,
        size_limit=group.size_limit,
    )


def put(group: UserGroup, options: Options) -> list[str]:
    """Set the columns of a group, not saved yet; their names."""
    every = options.refresh_every
    group.update_mode, group.method = options.update_mode, options.method
    group.refresh_every = None if every is None else timedelta(seconds=every)
    group.removal_limit, group.size_limit = options.removal_limit, options.size_limit
    return list(NAMES)
