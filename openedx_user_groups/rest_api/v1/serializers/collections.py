"""Collections, their groups, and what moving one does."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from ....data import CollectionData, MoveData
from ....groups.content import MAX_NAME
from ....models import GroupCollection, UserGroup
from ....web.fields import Input, Number, Text, UserGroupNamedScope, Weights
from .exact import Exact
from .scopes import UserGroupScopeSerializer
from .users import UserGroupPersonSerializer

Kind = GroupCollection.Kind
MAX_GROUPS = 1_000


class UserGroupGeneratorSerializer(serializers.Serializer[Any]):
    """What the groups of a generated collection are made of."""

    criterion = serializers.CharField(help_text="The criterion; each of its choices has a group.")
    ranges = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()),
        allow_null=True,
        default=None,
        help_text="Where it asks about a number, the ranges that have one; else null.",
    )


class UserGroupCollectionSerializer(serializers.Serializer[CollectionData]):
    """A set of groups that exclude each other: nobody is in two of them."""

    uuid = serializers.UUIDField(help_text="What names it in addresses.")
    scope = UserGroupScopeSerializer(help_text="Where it lives.")
    kind = serializers.ChoiceField(Kind.choices, help_text="Who decides which of its groups somebody is in.")
    generator = UserGroupGeneratorSerializer(allow_null=True, help_text="Of a generated one; else null.")
    parent_group = serializers.UUIDField(
        source="parent_group_uuid", allow_null=True, help_text="The group that it subdivides; null: everybody there."
    )
    name = serializers.CharField(help_text="Its name; empty where it was made for a single group.")
    is_implicit = serializers.BooleanField(help_text="Whether it was made for a single group.")
    rest_uuid = serializers.UUIDField(help_text="What names everybody else: who is in none of its groups.")
    rest_name = serializers.CharField(help_text="What people call everybody else.")
    groups = serializers.ListField(
        child=serializers.UUIDField(), source="group_uuids", help_text="Its groups; the first that matches counts."
    )


class UserGroupCollectionSummarySerializer(Exact[GroupCollection]):
    """A collection in few words: view=minimal."""

    uuid = serializers.UUIDField(help_text="What names it in addresses.")
    name = serializers.CharField(help_text="Its name.")
    kind = serializers.ChoiceField(Kind.choices, help_text="As in the whole collection.")
    rest_uuid = serializers.UUIDField(help_text="As in the whole collection.")


# What a list has, as the query says.
LISTED = PolymorphicProxySerializer(
    component_name="ListedUserGroupCollection",
    serializers=[UserGroupCollectionSerializer, UserGroupCollectionSummarySerializer],
    resource_type_field_name=None,
    many=True,
)


def _rest_name(**options: Any) -> Text:
    told = "What people call everybody else: who is in none of its groups."
    return Text(required=False, allow_blank=True, max_length=MAX_NAME, help_text=told, **options)


class UserGroupNamedGenerator(Input):
    """What to make the groups of a collection of."""

    criterion = Text(max_length=255, help_text="A criterion with choices, such as enrollment_mode; or one of a number.")
    ranges = serializers.ListField(
        child=serializers.ListField(child=Number(), min_length=2, max_length=2),
        required=False,
        default=None,
        allow_null=True,
        help_text="Of a number: pairs, the lower one first. Who has what two of them share is in the higher one.",
    )


class UserGroupCollectionCreation(Input):
    """A new collection."""

    scope = UserGroupNamedScope(help_text="Where it lives.")
    name = Text(max_length=MAX_NAME, help_text="Unique in its scope, in any case.")
    rest_name = _rest_name(default="")
    kind = serializers.ChoiceField(
        Kind.choices,
        default=Kind.RULES.value,
        help_text="Who decides which of its groups somebody is in: rules and people, chance, or the learners; "
        "generated: it has a group for each choice of a criterion.",
    )
    parent_group = serializers.UUIDField(
        required=False, default=None, allow_null=True, help_text="A group of the scope that it subdivides."
    )
    generator = UserGroupNamedGenerator(
        required=False, default=None, allow_null=True, help_text="Of a generated one, and only of that."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what does not go together."""
        is_generated = attrs["kind"] == Kind.GENERATED
        if is_generated and attrs["generator"] is None:
            raise serializers.ValidationError({"generator": [_("Name the criterion that the groups are made of.")]})
        if not is_generated and attrs["generator"] is not None:
            raise serializers.ValidationError({"generator": [_("Only a generated collection has one.")]})
        if is_generated and attrs["parent_group"] is not None:
            raise serializers.ValidationError({"parent_group": [_("A generated collection subdivides no group.")]})
        return attrs


class UserGroupTracks(Input):
    """Whose enrollment tracks."""

    scope = UserGroupNamedScope(help_text="A course or an organization.")


class UserGroupCollectionChange(Input):
    """A change of a collection: what is left out stays."""

    name = Text(required=False, max_length=MAX_NAME, help_text="Unique in its scope, in any case.")
    rest_name = _rest_name()
    groups = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=MAX_GROUPS,
        help_text="All of its groups, each once, in their new order: of several that match, the first counts.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a change of nothing."""
        if not attrs:
            raise serializers.ValidationError(_("Say what to change: name, rest_name or groups."))
        return attrs


class UserGroupSeatSerializer(serializers.Serializer[UserGroup]):
    """A group as one of a collection's."""

    uuid = serializers.UUIDField(help_text="What names it in addresses.")
    name = serializers.CharField(help_text="Unique in its scope, in any case.")
    status = serializers.CharField(help_text="As in the whole group.")
    is_dynamic = serializers.BooleanField(help_text="Whether a rule decides who is in it.")
    member_count = serializers.IntegerField(help_text="How many members it had when they were last counted.")
    weight = serializers.IntegerField(help_text="Its share of newcomers, where chance decides.")


class UserGroupArrival(Input):
    """A group that becomes one of the collection's."""

    group = serializers.UUIDField(help_text="A group of the same scope; it comes last by priority.")


class UserGroupMoveSerializer(serializers.Serializer[MoveData]):
    """What moving a group into a collection does, or would do."""

    group = serializers.UUIDField(source="group_uuid", help_text="The group that moves.")
    collection = serializers.UUIDField(source="collection_uuid", help_text="Where it moves to.")
    members = serializers.IntegerField(help_text="How many members it has.")
    in_two = serializers.IntegerField(help_text="How many of them are in another group there, too.")
    kept = serializers.IntegerField(help_text="How many of those stay in the one that moves; the others leave it.")


class UserGroupOverlapPersonSerializer(UserGroupPersonSerializer):
    """Somebody who would be in two groups."""

    is_kept = serializers.BooleanField(help_text="Whether they stay in the group that moves, instead of the other.")


class UserGroupWeights(Input):
    """How newcomers are shared out."""

    weights = Weights(
        help_text="A weight for each group that gets another one, by uuid; 0 is for a group that gets nobody."
    )


class UserGroupWeightsSerializer(serializers.Serializer[Any]):
    """What other weights have done."""

    moved = serializers.IntegerField(help_text="How many people had to move to another group.")


class UserGroupChoicesSerializer(serializers.Serializer[Any]):
    """What was made of new choices."""

    made = serializers.IntegerField(help_text="How many new groups there are.")
