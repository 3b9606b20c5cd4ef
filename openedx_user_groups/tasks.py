"""Celery tasks. They take ids only, for arguments are logged and stored."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from celery import shared_task
from django.conf import settings
from edx_django_utils.cache import RequestCache
from edx_django_utils.monitoring import set_code_owner_attribute

from . import membership
from .exceptions import FeatureDisabled, RefreshInProgress, WrongService
from .models import UserGroup

log = logging.getLogger(__name__)

Status = UserGroup.Status


def queue() -> dict[str, str]:
    """Where to send tasks: the operator's queue, or wherever the platform's routing puts them."""
    name = settings.OPENEDX_USER_GROUPS_QUEUE
    return {"queue": name} if name else {}


@shared_task(name="openedx_user_groups.tasks.refresh_collection", ignore_result=True)
@set_code_owner_attribute
def refresh_collection(collection_id: int) -> None:
    """Refresh all groups of a collection."""
    _forget_flags()
    try:
        membership.refresh(collection_id, causes=["task"])
    except (FeatureDisabled, WrongService, RefreshInProgress) as error:
        log.info("User groups: collection %s is not refreshed now: %s", collection_id, error)


@shared_task(name="openedx_user_groups.tasks.refresh_users", ignore_result=True)
@set_code_owner_attribute
def refresh_users(scope_id: int, user_ids: Sequence[int]) -> None:
    """Refresh some users in all groups of a scope."""
    _forget_flags()
    try:
        membership.refresh_users(collections_of(scope_id), user_ids)
    except (FeatureDisabled, WrongService) as error:
        log.info("User groups: scope %s is not refreshed now: %s", scope_id, error)


@shared_task(name="openedx_user_groups.tasks.refresh_scope", ignore_result=True)
@set_code_owner_attribute
def refresh_scope(scope_id: int) -> None:
    """Refresh all groups of a scope, each collection in a task of its own."""
    for collection_id in collections_of(scope_id):
        refresh_collection.apply_async(args=[collection_id], **queue())


def collections_of(scope_id: int) -> list[int]:
    """The collections of a scope with a group that is refreshed."""
    groups = UserGroup.objects.filter(scope=scope_id, status=Status.ACTIVE, criteria__isnull=False)
    return sorted(set(groups.values_list("collection_id", flat=True)))


def _forget_flags() -> None:
    # Flags are cached for a request, and a worker has none that would ever end.
    RequestCache.clear_all_namespaces()
