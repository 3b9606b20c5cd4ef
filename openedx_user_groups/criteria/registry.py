"""The registry of criterion types: filled by the decorator, found through entry points."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from django.conf import settings

from .. import deadline, sources
from ..exceptions import RegistrationError, UnknownCriterion, in_words
from .base import Criterion
from .declaration import check_declaration

log = logging.getLogger(__name__)

OWN_PACKAGE = "openedx_user_groups."
ENTRY_POINT_GROUPS = ("openedx_user_groups.sources", "openedx_user_groups.criteria")

CriterionT = TypeVar("CriterionT", bound=type[Criterion])
_criteria: dict[str, type[Criterion]] = {}
_broken: dict[str, str] = {}


def register(name: str) -> Callable[[CriterionT], CriterionT]:
    """Offer the decorated criterion as ``name``, which the rules that use it store for good.

    Bare names are this package's, dotted names everybody else's. Raises RegistrationError.
    """

    def add(criterion: CriterionT) -> CriterionT:
        check_declaration(name, criterion)
        _check_name(name, criterion)
        criterion.name = name
        _criteria[name] = criterion
        return criterion

    return add


def _check_name(name: str, criterion: type[Criterion]) -> None:
    if name in _criteria:
        raise RegistrationError(f"{criterion!r} and {_criteria[name]!r} are both the criterion {name!r}.")
    if criterion in _criteria.values():
        raise RegistrationError(f"{criterion!r} is {criterion.name!r} already: make a subclass to be {name!r}.")
    if "." not in name and not criterion.__module__.startswith(OWN_PACKAGE):
        raise RegistrationError(f"{name!r} must have a dot: bare names belong to openedx_user_groups.")


def get(name: str) -> type[Criterion]:
    """The criterion type called ``name``; raises UnknownCriterion."""
    try:
        return _criteria[name]
    except (KeyError, TypeError):
        raise UnknownCriterion(f"No installed package offers the criterion {str(name)[:100]!r}.") from None


def all_types() -> list[type[Criterion]]:
    """Every registered criterion type, by name."""
    return [_criteria[name] for name in sorted(_criteria)]


def why_unavailable(criterion: type[Criterion]) -> str:
    """Why a type cannot be used in this service, "" when it can; one that cannot tell cannot be used."""
    try:
        with deadline.within(deadline.PROMPT):
            return str(criterion.unavailable() or "")
    except Exception as error:
        log.warning("User groups: %s cannot tell whether it is available.", criterion.name, exc_info=True)
        return f"{criterion.name} cannot tell whether it can be used here: {in_words(error)}"


def broken_plugins() -> dict[str, str]:
    """Entry points that could not be loaded, each with the reason."""
    return dict(_broken)


def silent_plugins() -> list[str]:
    """Entry points whose package has registered nothing; perhaps somebody has forgotten the decorator."""
    packages = {_module(offered).partition(".")[0] for offered in _offered()}
    announced = [point for group in ENTRY_POINT_GROUPS for point in entry_points(group=group)]
    return [_label(point) for point in announced if _label(point) not in _broken and _package(point) not in packages]


def _offered() -> list[object]:
    return [*_criteria.values(), *sources.registered().values()]


def _module(offered: object) -> str:
    return getattr(offered, "__module__", None) or ""


def _label(entry_point: EntryPoint) -> str:
    """How an entry point is told to whoever installs plugins."""
    return f"{entry_point.group}: {entry_point.name} = {entry_point.value}"


def _package(entry_point: EntryPoint) -> str:
    return entry_point.value.partition(":")[0].partition(".")[0]


def discover() -> None:
    """Import every module that registers criteria or sources: ours, then those that other packages announce.

    A plugin that fails is raised where errors are fatal (tests, DEBUG, or the setting says so). Elsewhere the
    platform starts without it: a system check and a critical log line say so, and its criteria are unknown.
    """
    import_module("openedx_user_groups.criteria.builtin")
    _broken.clear()
    for group in ENTRY_POINT_GROUPS:
        for entry_point in entry_points(group=group):
            try:
                _load(entry_point)
            except Exception as error:
                if settings.OPENEDX_USER_GROUPS_PLUGIN_ERRORS_ARE_FATAL or settings.DEBUG:
                    raise
                _broken[_label(entry_point)] = in_words(error)
                log.critical("User groups: the plugin %s cannot be loaded.", entry_point, exc_info=True)


def _load(entry_point: EntryPoint) -> None:
    """Import what it names; a plugin that fails half-way has registered nothing."""
    criteria_before, sources_before, modules_before = dict(_criteria), sources.registered(), set(sys.modules)
    try:
        with deadline.within(settings.OPENEDX_USER_GROUPS_CRITERION_SECONDS):
            entry_point.load()
    except (Exception, SystemExit) as error:
        for module in {_module(offered) for offered in _offered()} - modules_before:
            # It may well work; then whoever imports it next registers what is in it.
            sys.modules.pop(module, None)
        _restore(criteria_before)
        sources.restore(sources_before)
        if isinstance(error, SystemExit):
            raise RegistrationError(f"{entry_point.value} wants to end the process: {in_words(error)}") from error
        raise


def _restore(criteria: dict[str, type[Criterion]]) -> None:
    _criteria.clear()
    _criteria.update(criteria)


@contextmanager
def temporarily(**criteria: type[Criterion] | None) -> Iterator[None]:
    """For tests: within the block these names (``__`` stands for a dot) mean these types; None hides one."""
    before, broken = dict(_criteria), dict(_broken)
    try:
        for key, criterion in criteria.items():
            name = key.replace("__", ".")
            _criteria.pop(name, None)
            if criterion is not None:
                register(name)(criterion)
        yield
    finally:
        _restore(before)
        _broken.clear()
        _broken.update(broken)
