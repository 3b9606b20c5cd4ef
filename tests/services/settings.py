"""The sandbox with little patience, so that tests need not wait for minutes until something has expired."""

import os

from tests.sandbox.settings import *  # noqa: F403

OPENEDX_USER_GROUPS_LEASE_SECONDS = int(os.environ["LEASE_SECONDS"])
OPENEDX_USER_GROUPS_CRITERION_SECONDS = int(os.environ["CRITERION_SECONDS"])
# Whoever shares the broker has another queue.
OPENEDX_USER_GROUPS_QUEUE = os.environ["QUEUE"]
