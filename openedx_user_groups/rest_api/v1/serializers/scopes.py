"""Scopes."""

from __future__ import annotations

from rest_framework import serializers

from ....data import COURSE, INSTANCE, ORGANIZATION, ScopeData


class UserGroupScopeSerializer(serializers.Serializer[ScopeData]):
    """Where a group lives."""

    type = serializers.ChoiceField(
        (COURSE, ORGANIZATION, INSTANCE), help_text="Whether it is a course, an organization or the whole instance."
    )
    key = serializers.CharField(help_text="The course key, or the short name of the organization; else empty.")
