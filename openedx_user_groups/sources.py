"""Data sources: where criteria get their data from, by name. The platform's own tables are the source ``lms``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from .data import ScopeData
from .exceptions import RegistrationError, UnknownSource

SourceT = TypeVar("SourceT", bound=type)
_sources: dict[str, Callable[..., Any]] = {}


def register_source(name: str) -> Callable[[SourceT], SourceT]:
    """Offer the decorated class as source ``name``; it is made anew with ``scope`` and ``users`` for each criterion."""

    def add(source: SourceT) -> SourceT:
        if name in _sources:
            raise RegistrationError(f"{source!r} and {_sources[name]!r} are both the data source {name!r}.")
        _sources[name] = source
        return source

    return add


def open_source(name: str, *, scope: ScopeData, users: Sequence[int] | None) -> Any:
    """The source ``name`` for one scope, limited to ``users`` where given; raises UnknownSource."""
    try:
        source = _sources[name]
    except KeyError:
        raise UnknownSource(f"No installed package offers the data source {name!r}.") from None
    return source(scope=scope, users=users)
