"""The registry of criterion types: filled by the decorator, found through entry points."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import entry_points
from typing import TypeVar

from django.conf import settings
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from ..exceptions import RegistrationError, UnknownCriterion
from .base import Criterion, Operator

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
        _check(name, criterion)
        criterion.name = name
        _criteria[name] = criterion
        return criterion

    return add


def _check(name: str, criterion: type[Criterion]) -> None:
    if name in _criteria:
        raise RegistrationError(f"{criterion!r} and {_criteria[name]!r} are both the criterion {name!r}.")
    if "." not in name and not criterion.__module__.startswith(OWN_PACKAGE):
        raise RegistrationError(f"{name!r} must have a dot: bare names belong to openedx_user_groups.")
    if not criterion.scopes or not criterion.operators:
        raise RegistrationError(f"The criterion {name!r} needs at least one scope and one operator.")
    for operator, schema in criterion.operators.items():
        try:
            Operator(operator)
            Draft202012Validator.check_schema(schema)
        except (ValueError, SchemaError) as error:
            raise RegistrationError(f"The criterion {name!r}, operator {operator!r}: {error}") from error


def get(name: str) -> type[Criterion]:
    """The criterion type called ``name``; raises UnknownCriterion."""
    try:
        return _criteria[name]
    except (KeyError, TypeError):
        raise UnknownCriterion(f"No installed package offers the criterion {str(name)[:100]!r}.") from None


def all_types() -> list[type[Criterion]]:
    """Every registered criterion type, by name."""
    return [_criteria[name] for name in sorted(_criteria)]


def broken_plugins() -> dict[str, str]:
    """Entry points that could not be loaded, each with the reason."""
    return dict(_broken)


def discover() -> None:
    """Import every module that registers criteria or sources: ours, then those that other packages announce.

    A plugin that fails is raised where errors are fatal (tests, DEBUG, or the setting says so). Elsewhere the
    platform starts without it: a system check and a critical log line say so, and its criteria are unknown.
    """
    import_module("openedx_user_groups.criteria.builtin")
    for group in ENTRY_POINT_GROUPS:
        for entry_point in entry_points(group=group):
            try:
                entry_point.load()
            except Exception as error:
                if settings.OPENEDX_USER_GROUPS_PLUGIN_ERRORS_ARE_FATAL or settings.DEBUG:
                    raise
                _broken[f"{group}: {entry_point.name}"] = repr(error)
                log.critical("User groups: the plugin %s cannot be loaded.", entry_point, exc_info=True)


@contextmanager
def temporarily(**criteria: type[Criterion] | None) -> Iterator[None]:
    """For tests: within the block these names (``__`` stands for a dot) mean these types; None hides one."""
    before = dict(_criteria)
    try:
        for key, criterion in criteria.items():
            name = key.replace("__", ".")
            _criteria.pop(name, None)
            if criterion is not None:
                register(name)(criterion)
        yield
    finally:
        _criteria.clear()
        _criteria.update(before)
