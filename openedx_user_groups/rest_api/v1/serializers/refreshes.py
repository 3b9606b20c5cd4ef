"""Refreshes."""

from __future__ import annotations

from rest_framework import serializers

from ....data import RunData
from ....models import RefreshRun
from ....refresh.watching import STATUSES
from ....web.fields import Input
from .users import Username


class UserGroupRefreshSerializer(serializers.Serializer[RunData]):
    """One refresh of a group."""

    uuid = serializers.UUIDField(help_text="What names it in addresses.")
    status = serializers.ChoiceField(STATUSES, help_text="Waiting, running, or how it ended.")
    causes = serializers.ListField(child=serializers.CharField(), help_text="What asked for it.")
    requested_by = Username(source="requested_by_id", help_text="Who asked for it last; null where nobody did.")
    revision = serializers.IntegerField(help_text="The revision of the group that it goes by.")
    total = serializers.IntegerField(allow_null=True, help_text="How many people join, leave or move; null: not known.")
    done = serializers.IntegerField(help_text="How many of them are settled.")
    matched = serializers.IntegerField(help_text="How many people the rule matches.")
    joined = serializers.IntegerField(help_text="How many have joined.")
    left = serializers.IntegerField(help_text="How many have left.")
    lost_claims = serializers.IntegerField(help_text="How many it matches who are in another group of the collection.")
    error = serializers.CharField(help_text="Why it failed or was superseded; else empty.")
    requested = serializers.DateTimeField(help_text="When it was asked for.")
    started = serializers.DateTimeField(allow_null=True, help_text="When it started; null: it waits.")
    finished = serializers.DateTimeField(allow_null=True, help_text="When it ended; null: it has not.")
    decision = serializers.ChoiceField(
        RefreshRun.Decision.choices,
        allow_blank=True,
        help_text="What became of one that was held or undone.",
    )
    decided_by = Username(source="decided_by_id", help_text="Who decided that; null where nobody did.")
    decided_at = serializers.DateTimeField(allow_null=True, help_text="When that was decided; null: it was not.")


class UserGroupDecision(Input):
    """What to do with a refresh that is held."""

    decision = serializers.ChoiceField(
        [RefreshRun.Decision.APPROVED.value, RefreshRun.Decision.DISCARDED.value],
        help_text="Write what it would have written, or forget it and pause the group.",
    )
