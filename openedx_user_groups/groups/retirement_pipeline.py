"""The retirement pipeline of the platform: two of its steps erase the person here as well.

The platform sends its signals with ``send``: an exception fails the step, and the pipeline takes it again. So nothing
is caught here, whatever handlers of events do.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from ..platform import services
from . import retirement

UID = "openedx_user_groups.retirement"


def connect() -> None:
    """Take part in retirements, in the service that writes groups and where the platform has them.

    Both steps, for a refresh that was running in the first one may have noted something afterwards. The step of the
    mailing lists (USER_RETIRE_MAILINGS) is about addresses, of which there are none here.
    """
    if not services.refreshes():
        return
    try:
        from openedx.core.djangoapps.user_api.accounts import signals
    except ImportError:
        return
    for signal in (signals.USER_RETIRE_LMS_MISC, signals.USER_RETIRE_LMS_CRITICAL):
        signal.connect(on_retirement, dispatch_uid=UID)


def on_retirement(sender: Any, user: AbstractBaseUser, **_more: Any) -> None:
    """A person is being retired; what else is sent with it differs between releases."""
    retirement.retire_user(user.pk)
