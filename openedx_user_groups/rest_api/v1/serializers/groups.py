"""Groups: whole, in few words, made and changed."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from ....data import GroupData, RestData
from ....groups.content import MAX_DESCRIPTION, MAX_NAME, MAX_TAG, MAX_TAGS
from ....models import UserGroup
from ....refresh.options import RANGES
from ....web.fields import Input, Rule, Text, UserGroupNamedScope, WholeNumber
from .exact import Exact
from .scopes import UserGroupScopeSerializer
from .users import Username

Status = UserGroup.Status
KEPT = [choice for choice in Status.choices if choice[0] != Status.DELETED]
# What a client may make of a group; drafts are made by creating one, and deleted ones by DELETE.
SETTABLE = [(status.value, status.label) for status in (Status.ACTIVE, Status.PAUSED, Status.ARCHIVED)]


class UserGroupSerializer(serializers.Serializer[GroupData]):
    """A named set of people: static, or dynamic with a rule."""

    uuid = serializers.UUIDField(help_text="What names it in addresses.")
    scope = UserGroupScopeSerializer(help_text="Where it lives.")
    collection = serializers.UUIDField(
        source="collection_uuid", help_text="The collection whose groups exclude each other; often its own."
    )
    name = serializers.CharField(help_text="Unique in its scope, in any case.")
    description = serializers.CharField(help_text="For those who look after it.")
    tags = serializers.ListField(child=serializers.CharField(), help_text="Words that it is found by.")
    status = serializers.ChoiceField(KEPT, help_text="Only active ones are refreshed.")
    status_reason = serializers.CharField(help_text="Why it was paused, where that was not simply somebody's wish.")
    is_dynamic = serializers.BooleanField(help_text="Whether a rule decides who is in it.")
    rule = Rule(allow_null=True, help_text="Who is in it, as a tree of criteria; null when it is static.")
    rule_text = serializers.CharField(help_text="The same as a sentence; empty when it is static.")
    revision = serializers.IntegerField(
        help_text="The number of the revision in force; a PATCH names it, unless there is a draft."
    )
    draft_revision = serializers.IntegerField(
        allow_null=True, help_text="The number of a changed rule that waits to be activated; a PATCH names it."
    )
    draft_rule = Rule(allow_null=True, help_text="The rule that waits; null where none does, or it becomes static.")
    draft_rule_text = serializers.CharField(help_text="The same as a sentence.")
    would_hold = serializers.IntegerField(
        allow_null=True, help_text="How many members it would have by what waits, when that was written."
    )
    update_mode = serializers.ChoiceField(UserGroup.UpdateMode.choices, help_text="What refreshes do with members.")
    method = serializers.ChoiceField(UserGroup.Method.choices, help_text="What makes refreshes begin.")
    refresh_every = serializers.IntegerField(
        allow_null=True, help_text="Seconds between two refreshes; null leaves it to the criteria of the rule."
    )
    removal_limit = serializers.IntegerField(
        allow_null=True, help_text="Percent of the members that may leave within a day; null leaves it to the platform."
    )
    size_limit = serializers.IntegerField(
        allow_null=True, help_text="How many learners may join by themselves; null leaves it to the platform."
    )
    member_count = serializers.IntegerField(help_text="How many members it had when they were last counted.")
    health = serializers.ChoiceField(UserGroup.Health.choices, help_text="As the last refresh left it.")
    health_reason = serializers.CharField(help_text="Why it is broken; else empty.")
    last_refreshed = serializers.DateTimeField(allow_null=True, help_text="When a refresh last succeeded.")
    next_due = serializers.DateTimeField(allow_null=True, help_text="When the schedule refreshes it; null: never.")
    is_stale = serializers.BooleanField(
        allow_null=True, help_text="Whether that is longer ago than its criteria allow; null: it is not refreshed."
    )
    created = serializers.DateTimeField(help_text="When it was made.")
    created_by = Username(source="created_by_id", help_text="Who made it.")
    created_via = serializers.ChoiceField(UserGroup.CreatedVia.choices, help_text="What made it.")
    modified = serializers.DateTimeField(help_text="When it was last changed.")
    modified_by = Username(source="modified_by_id", help_text="Who last changed it.")


class UserGroupSummarySerializer(Exact[UserGroup]):
    """A group in few words: view=minimal."""

    uuid = serializers.UUIDField(help_text="What names it in addresses.")
    name = serializers.CharField(help_text="Unique in its scope, in any case.")
    status = serializers.CharField(help_text="As in the whole group.")
    is_dynamic = serializers.BooleanField(help_text="Whether a rule decides who is in it.")
    member_count = serializers.IntegerField(help_text="How many members it had when they were last counted.")


class UserGroupRestSerializer(Exact[RestData]):
    """Everybody else of a collection: whoever is in none of its groups. There is nothing to be changed of it."""

    uuid = serializers.UUIDField(help_text="What names it in addresses: the rest_uuid of the collection.")
    scope = UserGroupScopeSerializer(help_text="Where it lives.")
    collection = serializers.UUIDField(source="collection_uuid", help_text="The collection.")
    name = serializers.CharField(help_text="What people call it.")
    member_count = serializers.IntegerField(help_text="How many they are now.")


# What the address of a group has.
GROUP_OR_REST = PolymorphicProxySerializer(
    component_name="UserGroupOrRest",
    serializers=[UserGroupSerializer, UserGroupRestSerializer],
    resource_type_field_name=None,
)

# What a list has, as the query says.
LISTED = PolymorphicProxySerializer(
    component_name="ListedUserGroup",
    serializers=[UserGroupSerializer, UserGroupSummarySerializer],
    resource_type_field_name=None,
    many=True,
)


def _name(**options: Any) -> Text:
    return Text(max_length=MAX_NAME, help_text="Unique in its scope, in any case.", **options)


def _description(**options: Any) -> Text:
    return Text(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        max_length=MAX_DESCRIPTION,
        help_text="For those who look after it.",
        **options,
    )


def _tags(**options: Any) -> serializers.ListField:
    return serializers.ListField(
        child=Text(max_length=MAX_TAG),
        required=False,
        max_length=MAX_TAGS,
        help_text="Words that it is found by.",
        **options,
    )


def _options() -> dict[str, serializers.Field[Any, Any, Any, Any]]:
    """How the group is refreshed; what is left out is as it was, or the default."""
    told = {
        "refresh_every": "Seconds between two refreshes; null leaves it to the criteria of the rule.",
        "removal_limit": "Percent of the members that may leave within a day; null leaves it to the platform.",
        "size_limit": "How many learners may join by themselves; null leaves it to the platform.",
    }
    return {
        "update_mode": serializers.ChoiceField(
            UserGroup.UpdateMode.choices, required=False, help_text="What refreshes do with members."
        ),
        "method": serializers.ChoiceField(
            UserGroup.Method.choices, required=False, help_text="What makes refreshes begin."
        ),
    } | {
        name: WholeNumber(required=False, allow_null=True, min_value=low, max_value=high, help_text=told[name])
        for name, (low, high) in RANGES.items()
    }


class WithOptions(Input):
    """A group, or a change of one, with options."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The options come last."""
        return super().get_fields() | _options()


class UserGroupCreation(WithOptions):
    """A new group."""

    scope = UserGroupNamedScope(help_text="Where it lives.")
    name = _name()
    description = _description(default="")
    tags = _tags(default=list)
    rule = Rule(required=False, default=None, allow_null=True, help_text="Null or left out for a static group.")
    collection = serializers.UUIDField(
        required=False, default=None, allow_null=True, help_text="A collection of the scope that it becomes part of."
    )


class UserGroupChange(WithOptions):
    """A change of a group: what is left out stays. A changed rule of one that was ever active is a draft."""

    revision = WholeNumber(
        min_value=1, help_text="The revision that was edited, the draft if there is one; there must be no newer one."
    )
    name = _name(required=False)
    description = _description()
    tags = _tags()
    rule = Rule(required=False, allow_null=True, help_text="Null makes it static.")
    status = serializers.ChoiceField(
        SETTABLE, required=False, help_text="Activates it, by its draft if there is one; pauses or archives it."
    )
