"""Users, by what others call them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ....web.accounts import Account


@extend_schema_field(OpenApiTypes.STR)
class Username(serializers.Field[Any, Any, Any, Any]):
    """An id as the user name that the view has looked up; None where there is no such account any more."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **options)

    def to_representation(self, value: int) -> str | None:
        """The user name."""
        return self.context["usernames"].get(value)


class UserGroupPersonSerializer(serializers.Serializer[Account]):
    """Somebody."""

    username = serializers.CharField(help_text="The user name.")
    email = serializers.CharField(help_text="The e-mail address.")
    name = serializers.CharField(help_text="The name of the profile, or else of the account.")
