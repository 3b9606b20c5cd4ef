"""Handlers: what happens on the platform becomes rows of the outbox, in the transaction in which it happens.

Events and rows are hints. Only who is affected and in which course is taken from them; everything else is read from
the database when the outbox is drained. No handler ever raises: who enrolls must not fail because of groups.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_delete, post_save, pre_save
from openedx_events.tooling import OpenEdxPublicSignal, load_all_signals

from ..outbox import noted, store, waking
from ..outbox.noted import Listeners
from ..platform import lms, toggles
from . import listening, saves
from .affected import Malformed, Path, course_of, user_of
from .listening import Interest

log = logging.getLogger(__name__)

UID = "openedx_user_groups"
# Where a row that is being saved keeps what was stored before.
BEFORE = "_user_groups_before"
NOBODY_LISTENS: dict[str, Any] = {}


def connect() -> None:
    """Listen to every event and table that a criterion or a population names and that this service has.

    What is not known here is passed over; ``check_user_groups`` lists it.
    """
    load_all_signals()
    known = {event.event_type: event for event in OpenEdxPublicSignal.all_events()}
    for source in listening.sources():
        if source in known:
            known[source].connect(on_event, dispatch_uid=UID)
        elif source.count(".") == 1 and lms.is_installed(source):
            model = apps.get_model(source)
            pre_save.connect(before_save, sender=model, dispatch_uid=UID)
            post_save.connect(after_save, sender=model, dispatch_uid=UID)
            post_delete.connect(after_delete, sender=model, dispatch_uid=UID)
    for model in toggles.tables():
        post_save.connect(after_toggle, sender=model, dispatch_uid=UID)
        post_delete.connect(after_toggle, sender=model, dispatch_uid=UID)


def on_event(signal: OpenEdxPublicSignal, **payload: Any) -> None:
    """An event of openedx-events, sent here or come over the event bus."""
    with _logging_errors(signal.event_type):
        _tell(signal.event_type, payload, listening.interests(signal.event_type))


def before_save(
    sender: type[Model],
    instance: Model,
    raw: bool = False,
    using: str | None = None,
    update_fields: Collection[str] | None = None,
    **_more: Any,
) -> None:
    """A row is about to be saved: what is stored is read, if somebody listens and it is needed to tell what changes."""
    vars(instance).pop(BEFORE, None)
    if raw or instance._state.adding:
        return
    with _logging_errors(sender._meta.label):
        interests = listening.interests(sender._meta.label)
        if update_fields is not None:
            written = saves.columns_of(sender, update_fields)
            if not any(written & saves.names_of(sender, interest) for interest in interests):
                return
        before = NOBODY_LISTENS
        if any(_listeners(sender._meta.label, instance, interests)):
            before = saves.stored(instance, interests, using)  # type: ignore[assignment]
        vars(instance)[BEFORE] = before


def after_save(
    sender: type[Model],
    instance: Model,
    created: bool = False,
    raw: bool = False,
    update_fields: Collection[str] | None = None,
    **_more: Any,
) -> None:
    """A row was saved."""
    before = vars(instance).pop(BEFORE, None)
    # The rows of a fixture come in any order, and before what they refer to.
    if raw or before is NOBODY_LISTENS:
        return
    with _logging_errors(sender._meta.label):
        save = saves.Save({}, None) if created else saves.save_of(instance, before, update_fields)
        interests = [each for each in listening.interests(sender._meta.label) if save.concerns(each, sender)]
        _tell(sender._meta.label, instance, interests)
        _tell(sender._meta.label, save.before, [each for each in interests if save.takes_from(each, sender)])


def after_delete(sender: type[Model], instance: Model, **_more: Any) -> None:
    """A row was deleted."""
    with _logging_errors(sender._meta.label):
        _tell(sender._meta.label, instance, listening.interests(sender._meta.label))


def after_toggle(instance: Model, **_more: Any) -> None:
    """A flag or an override of one was changed: of what happened while it was off nobody has heard."""
    if toggles.NAME in (getattr(instance, "name", ""), getattr(instance, "waffle_flag", "")):
        listening.changed()
        transaction.on_commit(partial(listening.catch_up, toggles.switched(instance)), robust=True)


def _tell(source: str, subject: Any, interests: Iterable[Interest]) -> None:
    """Note that the user may have changed, in each scope with groups that want to know."""
    for user, listeners in _listeners(source, subject, interests):
        with _logging_errors(source):
            _note(source, user_of(subject, user), listeners)


def _listeners(source: str, subject: Any, interests: Iterable[Interest]) -> Iterator[tuple[Path, Listeners]]:
    """Each path of a user, with the scopes in which somebody listens who looks for the user there."""
    names: dict[tuple[Path, Path | None], set[str]] = defaultdict(set)
    for interest in interests:
        names[interest.user, interest.course].add(interest.name)
    for (user, course), interested in names.items():
        found: Listeners = {}
        with _logging_errors(source):
            scopes = listening.scopes_of(source, course_of(subject, course))
            found = {scope: heard & interested for scope, heard in scopes.items() if heard & interested}
        if found:
            yield user, found


def _note(source: str, user_id: int, listeners: Listeners) -> None:
    missing = noted.missing(user_id, listeners)
    if not missing:
        return
    with transaction.atomic():
        store.note([user_id], source, scopes=missing)
    noted.add(user_id, missing)
    noted.once(waking.wake)


@contextmanager
def _logging_errors(source: str) -> Iterator[None]:
    """What goes wrong is logged, and the caller goes on."""
    try:
        yield
    except Malformed as error:
        log.warning("User groups: %s is passed over: %s", source, error.message)
    except Exception:
        log.exception("User groups: %s is passed over, and left to the next refresh of what is due.", source)
