"""Places: what learners choose from by themselves."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ....data import PlaceData
from ....models import GroupCollection
from .scopes import UserGroupScopeSerializer


class UserGroupPlaceSerializer(serializers.Serializer[PlaceData]):
    """A group that one may join."""

    group = serializers.UUIDField(source="group_uuid", help_text="What names it in addresses.")
    name = serializers.CharField(help_text="Its name.")
    description = serializers.CharField(help_text="What its authors say about it.")
    is_open = serializers.BooleanField(help_text="Whether one may join or leave it at the moment.")
    places_left = serializers.IntegerField(help_text="How many more may join it.")
    is_mine = serializers.BooleanField(help_text="Whether one is in it.")


class UserGroupOfferSerializer(serializers.Serializer[GroupCollection]):
    """A collection from whose groups one chooses."""

    uuid = serializers.UUIDField(help_text="What names it in addresses.")
    scope = UserGroupScopeSerializer(source="scope.data", help_text="Where it lives.")
    name = serializers.CharField(help_text="Its name.")


class UserGroupPlacesSerializer(UserGroupOfferSerializer):
    """The same with its groups."""

    places: Any = UserGroupPlaceSerializer(many=True, help_text="Its groups; one may be in one of them.")
