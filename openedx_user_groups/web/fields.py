"""Fields and serializers of what comes in: nothing is converted, and nothing that is not known is passed over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ..collections.weighing import MAX_WEIGHT
from ..data import COURSE, INSTANCE, ORGANIZATION, ScopeData

# How many people one request may name; a file may name more.
MAX_PEOPLE = 1_000
# Of a number in a range.
LARGEST = 10**15
# Of revisions, as databases count them.
MAX_NUMBER = 2**31 - 1


class Input(serializers.Serializer[Any]):
    """A JSON object or a form, without members that are not known."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse what is not known; then as usual."""
        if isinstance(data, Mapping):
            known = ", ".join(self.fields) or _("none")
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                message = _("It is not known here. Known are: {names}.").format(names=known)
                raise serializers.ValidationError({name: [message] for name in sorted(unknown)})
        if isinstance(data, MultiValueDict) and (twice := [name for name, given in data.lists() if len(given) > 1]):
            raise serializers.ValidationError({name: [_("It is given more than once.")] for name in twice})
        return super().to_internal_value(data)


class InputSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """The schema says so too; and what a PATCH must name is required, though the rest of it may be left out."""

    target_class = Input
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        """Add it to the schema of the fields."""
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        required = [name for name, field in self.target.fields.items() if field.required]
        return schema | {"additionalProperties": False} | ({"required": required} if required else {})


class Text(serializers.CharField):
    """Text; a number or a boolean is none."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse what is not text."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class WholeNumber(serializers.IntegerField):
    """A JSON number without a fraction; text and booleans are none."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse what is not a number."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class Number(serializers.FloatField):
    """A JSON number; text and booleans are none, nor is what is too large for one."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse what is not a number; whole ones stay whole."""
        if isinstance(data, bool) or not isinstance(data, int | float) or not abs(data) <= LARGEST:
            self.fail("invalid")
        return data


class Weights(serializers.DictField):
    """Weights of groups by UUID."""

    def __init__(self, **options: Any) -> None:
        child = WholeNumber(min_value=0, max_value=MAX_WEIGHT)
        super().__init__(child=child, allow_empty=False, **options)

    def to_internal_value(self, data: Any) -> dict[UUID, int]:
        """Refuse what is no UUID."""
        found = {}
        for name, weight in super().to_internal_value(data).items():
            try:
                found[UUID(name)] = weight
            except ValueError:
                raise serializers.ValidationError({name: [_("It is not the uuid of a group.")]}) from None
        return found


class People(serializers.ListField):
    """People by user name or e-mail address."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", f"User names and e-mail addresses, {MAX_PEOPLE} at most.")
        super().__init__(child=Text(max_length=254), min_length=1, max_length=MAX_PEOPLE, **options)


class Expiry(serializers.DateTimeField):
    """An instant in the future."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", "When it ends by itself; null or left out: never.")
        super().__init__(required=False, allow_null=True, **options)

    def to_internal_value(self, value: Any) -> datetime:
        """Refuse what has passed."""
        instant = super().to_internal_value(value)
        if instant <= timezone.now():
            raise serializers.ValidationError(_("It has passed; give an instant in the future."))
        return instant


class Reason(Text):
    """Why somebody is kept out."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", "Why, for those who look after the group.")
        super().__init__(required=False, default="", allow_blank=True, max_length=1_000, **options)


@extend_schema_field(OpenApiTypes.BINARY)
class UploadedText(serializers.FileField):
    """A file in a form."""


@extend_schema_field(
    {
        "type": "object",
        "nullable": True,
        "example": {"all": [{"criterion": "last_login", "operator": "more_than_days_ago", "config": {"days": 10}}]},
    }
)
class Rule(serializers.JSONField):
    """A rule; what is wrong with it is found when it is read, all at once."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", 'The tree of criteria: {"all": [..]}, {"any": [..]} or {"none": [..]}.')
        super().__init__(**options)


class UserGroupNamedScope(Input):
    """Where a group lives."""

    type = serializers.ChoiceField(
        (COURSE, ORGANIZATION, INSTANCE), help_text="Whether it is a course, an organization or the whole instance."
    )
    key = Text(
        required=False,
        default="",
        allow_blank=True,
        max_length=255,
        help_text="The course key, or the short name of the organization; empty for the instance.",
    )

    def to_internal_value(self, data: Any) -> ScopeData:
        """As the Python API takes it; whether there is such a scope is not looked at."""
        return ScopeData(**super().to_internal_value(data))
