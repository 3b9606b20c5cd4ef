"""Criterion types, and rules made of them to begin with."""

from __future__ import annotations

from rest_framework import serializers

from ....data import CriterionTypeData, RuleTemplateData
from ....web.fields import Rule


class UserGroupCriterionTypeSerializer(serializers.Serializer[CriterionTypeData]):
    """A kind of question that rules can ask about people."""

    name = serializers.CharField(help_text="What rules store.")
    title = serializers.CharField(help_text="What people read.")
    theme = serializers.CharField(help_text='Under what it is listed; "" where it says nothing.')
    summary = serializers.CharField(help_text="In one line what it asks about somebody.")
    keywords = serializers.CharField(help_text="Other words to find it by, with blanks between them.")
    description = serializers.CharField(help_text="What it asks about a user, in full and untranslated.")
    scopes = serializers.ListField(child=serializers.CharField(), help_text="The types of scope it can be used in.")
    operators = serializers.DictField(child=serializers.DictField(), help_text="JSON Schema of each one's config.")
    permission = serializers.CharField(help_text='What whoever uses it must be allowed; "" where that is nothing.')
    example = serializers.DictField(help_text="An operator with its config, as somebody may ask; or empty.")
    unavailable = serializers.CharField(help_text='Why this service cannot use it; "" when it can.')


class UserGroupRuleTemplateSerializer(serializers.Serializer[RuleTemplateData]):
    """A rule for a common case."""

    name = serializers.CharField(help_text="What it is known by.")
    title = serializers.CharField(help_text="What people read.")
    description = serializers.CharField(help_text="Whom it is about.")
    scopes = serializers.ListField(child=serializers.CharField(), help_text="The types of scope it can be used in.")
    rule = Rule()
