"""Looks every minute for what is due while the sandbox is served, as Celery beat does on a platform."""

import logging
import os
import threading
import time

from django.conf import settings
from django.db import close_old_connections

log = logging.getLogger(__name__)


def start() -> None:
    """Begin in the background, in the process that serves: beside it there is one that only watches the files."""
    if os.environ.get("RUN_MAIN") == "true":
        threading.Thread(target=_for_ever, name="schedule", daemon=True).start()


def _for_ever() -> None:
    while True:
        time.sleep(settings.OPENEDX_USER_GROUPS_DUE_SECONDS)
        once()


def once() -> None:
    """Let what is due be done, here or by a worker; the next time comes whatever happens."""
    # The tasks can be imported only when all apps are there.
    from openedx_user_groups.tasks import refresh_due

    close_old_connections()
    try:
        refresh_due.delay()
    except Exception:
        log.exception("What is due was not refreshed; it is tried again in a minute.")
    finally:
        close_old_connections()
