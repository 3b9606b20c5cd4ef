"""Celery tasks. They take ids only, for arguments are logged and stored."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from edx_django_utils.cache import RequestCache
from edx_django_utils.monitoring import set_code_owner_attribute
from kombu.exceptions import OperationalError

from .exceptions import FeatureDisabled, RefreshInProgress, WrongService
from .groups import importing
from .models import GroupCollection, Scope, UserGroup
from .outbox import announcing, waking
from .refresh import membership, settling, waiting
from .refresh.runs import UNASKED, Request
from .upkeep import drain, rounds

log = logging.getLogger(__name__)

Status = UserGroup.Status


def queue() -> dict[str, str]:
    """Where to send tasks: the operator's queue, or wherever the platform's routing puts them."""
    name = settings.OPENEDX_USER_GROUPS_QUEUE
    return {"queue": name} if name else {}


@shared_task(name="openedx_user_groups.tasks.refresh_collection", ignore_result=True)
@set_code_owner_attribute
def refresh_collection(collection_id: int, run_id: int | None = None) -> None:
    """Refresh all groups of a collection; with ``run_id`` of a run that was asked for only if one still waits."""
    _refresh(collection_id, UNASKED, if_waiting=run_id is not None)


@shared_task(name="openedx_user_groups.tasks.refresh_due_collection", ignore_result=True)
@set_code_owner_attribute
def refresh_due_collection(collection_id: int) -> None:
    """The same because it is due."""
    _refresh(collection_id, Request((waiting.SCHEDULE,)))


def _refresh(collection_id: int, asked: Request, *, if_waiting: bool = False) -> None:
    _forget_flags()
    try:
        membership.refresh(collection_id, asked, if_waiting=if_waiting)
    except RefreshInProgress:
        # Who holds the lease sees to the runs that wait, before it ends.
        log.info("User groups: collection %s is being refreshed already.", collection_id)
    except (FeatureDisabled, WrongService) as error:
        log.info("User groups: collection %s is not refreshed now: %s", collection_id, error)
        waiting.give_up(waiting.runs_of([collection_id]), str(error))
    announcing.announce()


def send_refresh(collection_id: int, run_id: int | None = None) -> None:
    """Send the task once the transaction is committed, for the run that waits for it, if there is one.

    Without a broker, too, the request is accepted: the run waits for the next refresh of what is due.
    """
    _send(refresh_collection, collection_id, run_id)


def _send(task: Any, collection_id: int, *ids: int | None) -> None:
    def send() -> None:
        try:
            task.apply_async(args=[collection_id, *ids], **queue())
        except OperationalError:
            log.exception("User groups: the broker does not answer; collection %s waits.", collection_id)

    transaction.on_commit(send)


@shared_task(name=waking.TASK, ignore_result=True)
@set_code_owner_attribute
def drain_outbox() -> None:
    """Deal with what has happened since the last time."""
    _forget_flags()
    try:
        drain.drain()
    except WrongService as error:
        log.info("User groups: nothing is drained here: %s", error)


@shared_task(name="openedx_user_groups.tasks.refresh_due", ignore_result=True)
@set_code_owner_attribute
def refresh_due() -> None:
    """Do what is done at regular intervals; what has to be refreshed for everyone goes to the workers."""
    _forget_flags()
    try:
        groups = rounds.do_all_but_refreshes()
    except WrongService as error:
        return log.info("User groups: nothing is refreshed here: %s", error)
    rounds.put_off(groups)
    for collection_id in dict.fromkeys(group.collection_id for group in groups):
        _send(refresh_due_collection, collection_id)
    return None


@shared_task(name="openedx_user_groups.tasks.refresh_users", ignore_result=True)
@set_code_owner_attribute
def refresh_users(scope_id: int, user_ids: Sequence[int]) -> None:
    """Refresh some users in all groups of a scope."""
    _forget_flags()
    scope = Scope.objects.filter(pk=scope_id).first()
    try:
        if scope is not None:
            membership.check_may_refresh(scope.data)
            settling.settle(collections_of(scope_id), user_ids)
    except (FeatureDisabled, WrongService) as error:
        log.info("User groups: scope %s is not refreshed now: %s", scope_id, error)
    announcing.announce()


@shared_task(name="openedx_user_groups.tasks.refresh_scope", ignore_result=True)
@set_code_owner_attribute
def refresh_scope(scope_id: int) -> None:
    """Refresh all groups of a scope, each collection in a task of its own."""
    for collection_id in collections_of(scope_id):
        refresh_collection.apply_async(args=[collection_id], **queue())


@shared_task(name="openedx_user_groups.tasks.import_people", ignore_result=True)
@set_code_owner_attribute
def import_people(import_id: int) -> None:
    """Put the people of a list into their groups."""
    _forget_flags()
    importing.run(import_id)
    announcing.announce()


def send_import(import_id: int) -> None:
    """Send the task once the transaction is committed; without a broker it is done with what is due."""

    def send() -> None:
        try:
            import_people.apply_async(args=[import_id], **queue())
        except OperationalError:
            log.exception("User groups: the broker does not answer; import %s waits.", import_id)

    transaction.on_commit(send)


def collections_of(scope_id: int) -> list[int]:
    """The collections of a scope with a group that is refreshed: by its rule, or by chance."""
    has_rule, by_chance = Q(criteria__isnull=False), Q(collection__kind=GroupCollection.Kind.RANDOM)
    groups = UserGroup.objects.filter(has_rule | by_chance, scope=scope_id, status=Status.ACTIVE)
    return sorted(set(groups.values_list("collection_id", flat=True)))


def _forget_flags() -> None:
    # Flags are cached for a request, and a worker has none that would ever end.
    RequestCache.clear_all_namespaces()
