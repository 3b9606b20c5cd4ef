"""What the endpoints of version 1 return."""

from __future__ import annotations

from rest_framework import serializers

from ...data import CriterionTypeData


class CriterionTypeSerializer(serializers.Serializer[CriterionTypeData]):
    """A criterion type."""

    name = serializers.CharField(help_text="What rules store.")
    title = serializers.CharField(help_text="What people read.")
    description = serializers.CharField(help_text="What it asks about a user.")
    scopes = serializers.ListField(child=serializers.CharField(), help_text="The types of scope it can be used in.")
    operators = serializers.DictField(child=serializers.DictField(), help_text="JSON Schema of each one's config.")
    unavailable = serializers.CharField(help_text='Why this service cannot use it; "" when it can.')
