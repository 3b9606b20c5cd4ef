"""Serializers of what has nothing else in it, by which it is told from what it stands beside."""

from __future__ import annotations

from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers

DataT = TypeVar("DataT")


class Exact(serializers.Serializer[DataT]):
    """An object with these members and no others."""


class ExactSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """The schema says so."""

    target_class = Exact
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        """Add it to the schema of the fields."""
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return schema | {"additionalProperties": False}
