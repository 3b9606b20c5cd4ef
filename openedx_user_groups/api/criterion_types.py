"""Criterion types as outsiders see them."""

from __future__ import annotations

import inspect
import logging

from ..criteria import registry
from ..criteria.base import Criterion
from ..data import CriterionTypeData
from ..exceptions import encodable

log = logging.getLogger(__name__)


def criterion_types() -> list[CriterionTypeData]:
    """Every registered criterion type."""
    return [
        CriterionTypeData(
            name=criterion.name,
            title=_said(criterion, "title") or criterion.name,
            summary=_said(criterion, "summary") or _first_paragraph(criterion),
            keywords=_said(criterion, "keywords"),
            description=" ".join((criterion.__doc__ or "").split()),
            scopes=tuple(criterion.scopes),
            operators={str(operator): schema for operator, schema in criterion.operators.items()},
            permission=criterion.permission,
            example=criterion.example,
            unavailable=registry.why_unavailable(criterion),
            theme=_said(criterion, "theme"),
            suggests=tuple(criterion.suggests),
        )
        for criterion in registry.all_types()
    ]


def _said(criterion: type[Criterion], attribute: str) -> str:
    """A text of the class, "" where that is translated by code that fails: the others are listed all the same."""
    try:
        return encodable(str(getattr(criterion, attribute)))
    except Exception:
        log.warning("User groups: %s cannot say its %s.", criterion.name, attribute, exc_info=True)
        return ""


def _first_paragraph(criterion: type[Criterion]) -> str:
    return " ".join(inspect.cleandoc(criterion.__doc__ or "").partition("\n\n")[0].split())
