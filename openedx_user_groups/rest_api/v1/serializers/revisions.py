"""Revisions of groups, and what activating the draft among them would do."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ....data import DraftData, DraftEffect, RevisionData
from ....models import Revision, UserGroup
from ....web.fields import Rule


class UserGroupDefinitionSerializer(serializers.Serializer[Any]):
    """What a revision says of the group."""

    name = serializers.CharField(help_text="Its name.")
    description = serializers.CharField(help_text="Its description.")
    tags = serializers.ListField(child=serializers.CharField(), help_text="Its tags.")
    rule = Rule(allow_null=True, help_text="Its rule; null when it was static.")
    update_mode = serializers.CharField(default=UserGroup.UpdateMode.BOTH, help_text="What refreshes do with members.")
    method = serializers.CharField(default=UserGroup.Method.ANY, help_text="What makes refreshes begin.")
    refresh_every = serializers.IntegerField(allow_null=True, default=None, help_text="Seconds between two refreshes.")
    removal_limit = serializers.IntegerField(
        allow_null=True, default=None, help_text="Percent of the members that may leave within a day."
    )
    size_limit = serializers.IntegerField(
        allow_null=True, default=None, help_text="How many learners may join by themselves."
    )


class UserGroupRevisionSerializer(serializers.Serializer[RevisionData]):
    """A numbered snapshot of a group's definition; it never changes."""

    number = serializers.IntegerField(help_text="From 1; each edit takes the next.")
    state = serializers.ChoiceField(
        Revision.State.choices, help_text="Whether it came into force; refreshes go by the newest that did."
    )
    definition = UserGroupDefinitionSerializer(help_text="What it says of the group.")
    author = serializers.CharField(allow_null=True, help_text="Who wrote it.")
    created = serializers.DateTimeField(help_text="When it was written.")


class UserGroupDraftEffect(serializers.Serializer[DraftEffect]):
    """What becomes of another group of the collection."""

    group = serializers.UUIDField(source="group_uuid", help_text="Which one.")
    joining = serializers.IntegerField(help_text="How many would join it.")
    leaving = serializers.IntegerField(help_text="How many would leave it.")
    would_hold = serializers.IntegerField(help_text="How many members it would have then.")


class UserGroupDraftSerializer(serializers.Serializer[DraftData]):
    """What activating the draft of a group would do now."""

    revision = serializers.IntegerField(help_text="The revision that a PATCH with status active names.")
    joining = serializers.IntegerField(help_text="How many would join.")
    leaving = serializers.IntegerField(help_text="How many would leave.")
    would_hold = serializers.IntegerField(help_text="How many members the group would have then.")
    others = UserGroupDraftEffect(many=True, help_text="The other groups of the collection that would change, too.")
