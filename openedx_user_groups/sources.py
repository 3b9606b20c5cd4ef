"""Data sources: where criteria get their data from, by name. The platform's own tables are the source ``lms``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from .data import ScopeData
from .exceptions import RegistrationError, UnknownSource

SourceT = TypeVar("SourceT", bound=Callable[..., Any])
_sources: dict[str, Callable[..., Any]] = {}


def register_source(name: str) -> Callable[[SourceT], SourceT]:
    """Offer the decorated class as source ``name``; it is made anew with ``scope`` and ``users`` for each criterion.

    Raises RegistrationError.
    """

    def add(source: SourceT) -> SourceT:
        if not _is_name(name) or not callable(source):
            raise RegistrationError(f"A data source is a class with a name, not {source!r:.100} called {name!r:.100}.")
        if name in _sources:
            raise RegistrationError(f"{source!r} and {_sources[name]!r} are both the data source {name!r}.")
        _sources[name] = source
        return source

    return add


def _is_name(name: object) -> bool:
    return isinstance(name, str) and bool(name.strip())


def open_source(name: str, *, scope: ScopeData, users: Sequence[int] | None) -> Any:
    """The source ``name`` for one scope, limited to ``users`` where given; raises UnknownSource."""
    try:
        source = _sources[name]
    except (KeyError, TypeError):
        raise UnknownSource(f"No installed package offers the data source {name!r:.100}.") from None
    return source(scope=scope, users=users)


def registered() -> dict[str, Callable[..., Any]]:
    """Every registered source by its name."""
    return dict(_sources)


def restore(sources: dict[str, Callable[..., Any]]) -> None:
    """Make these, and no others, the registered sources."""
    _sources.clear()
    _sources.update(sources)


@contextmanager
def temporarily(**sources: Callable[..., Any] | None) -> Iterator[None]:
    """For tests: within the block these names (``__`` stands for a dot) mean these sources; None hides one."""
    before = registered()
    try:
        for key, source in sources.items():
            name = key.replace("__", ".")
            _sources.pop(name, None)
            if source is not None:
                register_source(name)(source)
        yield
    finally:
        restore(before)
