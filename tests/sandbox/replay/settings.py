"""The sandbox as several processes share it: one cache for all, and little patience with the dead."""

import os

from tests.sandbox.settings import *  # noqa: F403

CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": os.environ["CACHE"]}}
OPENEDX_USER_GROUPS_CLAIM_SECONDS = int(os.environ["CLAIM_SECONDS"])
OPENEDX_USER_GROUPS_LEASE_SECONDS = int(os.environ["LEASE_SECONDS"])
