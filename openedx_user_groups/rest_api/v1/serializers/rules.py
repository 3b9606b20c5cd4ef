"""Previews and explanations of rules."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ....data import ExplanationData, LeafCount, NodeExplanation
from ....models import Origin
from ....web.fields import Input, People, Rule, UserGroupNamedScope, WholeNumber
from .users import UserGroupPersonSerializer, Username

MAX_PREVIEWED = 100
TRUTHS = ["yes", "no", "unknown", "hidden", "failed"]


class UserGroupPreviewRequest(Input):
    """A rule to be tried out."""

    scope = UserGroupNamedScope(help_text="Where a group with this rule would live.")
    group = serializers.UUIDField(
        required=False,
        help_text="A group of the scope whose rule it would be: without those whom it keeps out, and of the members of "
        "the group that its collection subdivides.",
    )
    rule = Rule()
    people = WholeNumber(
        required=False, default=0, min_value=0, max_value=MAX_PREVIEWED, help_text="How many of the people to show."
    )


class UserGroupLeafSerializer(serializers.Serializer[LeafCount]):
    """How one criterion divides the population."""

    path = serializers.CharField(help_text="Its place in the rule, a JSON pointer.")
    text = serializers.CharField(help_text="What it asks, as a sentence.")
    matched = serializers.IntegerField(help_text="Of how many people it is true.")
    unknown = serializers.IntegerField(help_text="About how many it has no data.")


class UserGroupPreviewSerializer(serializers.Serializer[Any]):
    """Whom a rule would hold now."""

    population = serializers.IntegerField(help_text="How many people belong to the scope, or to the group above.")
    count = serializers.IntegerField(help_text="How many of them the group would have.")
    kept_out = serializers.IntegerField(help_text="How many more the rule matches whom the group keeps out.")
    leaves = UserGroupLeafSerializer(many=True, help_text="What each of its criteria says by itself.")
    people = UserGroupPersonSerializer(many=True, help_text="Some of those it matches, as many as were asked for.")


class UserGroupExplanationRequest(Input):
    """People who ask why."""

    people = People()


@extend_schema_field(OpenApiTypes.ANY)
class AnyValue(serializers.ReadOnlyField):
    """What a criterion knows about somebody: text, a number, a list."""


class UserGroupNodeSerializer(serializers.Serializer[NodeExplanation]):
    """What one node of the rule is for one person."""

    path = serializers.CharField(help_text="Its place in the rule, a JSON pointer; empty for the root.")
    text = serializers.CharField(help_text="What it asks, as a sentence.")
    truth = serializers.ChoiceField(
        TRUTHS, help_text="unknown: no data; hidden: about what one may not see; failed: it cannot be asked."
    )
    matches = serializers.BooleanField(allow_null=True, help_text="What it counts as; null where that is not known.")
    value = AnyValue(help_text="What the person has there, where the criterion can say it.")
    problem = serializers.CharField(help_text="Why it cannot be asked; else empty.")


class UserGroupExplanationSerializer(serializers.Serializer[ExplanationData]):
    """Why somebody is in the group or not."""

    person = serializers.CharField(help_text="As they were named.")
    username = Username(source="user_id", help_text="Who it is; null where nobody was found.")
    detail = serializers.CharField(help_text="Why nobody was found; else empty.")
    in_population = serializers.BooleanField(source="belongs", help_text="Whether they belong to the group's scope.")
    is_member = serializers.BooleanField(help_text="Whether they are in the group now.")
    origin = serializers.ChoiceField(Origin.choices, allow_blank=True, help_text="How they came in; else empty.")
    is_excluded = serializers.BooleanField(help_text="Whether somebody keeps them out.")
    held_by = serializers.UUIDField(allow_null=True, help_text="Another group of the collection that has them.")
    matches = serializers.SerializerMethodField(help_text="Whether the rule matches them; null without a rule.")
    nodes = UserGroupNodeSerializer(many=True, help_text="The nodes of the rule in reading order, the root first.")

    def get_matches(self, explanation: ExplanationData) -> bool | None:
        """What the root counts as."""
        return explanation.nodes[0].matches if explanation.nodes else None


class UserGroupExplanationsSerializer(serializers.Serializer[Any]):
    """Why people are in the group or not."""

    explanations = UserGroupExplanationSerializer(many=True, help_text="One for each, in their order.")
