"""Members, exclusions, and what became of people in a list."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ....data import MemberOutcome
from ....groups.deciding import Outcome
from ....models import Exclusion, Membership, Origin
from ....web.fields import Expiry, Input, People, Reason, UploadedText
from .users import Username


class UserGroupMemberSerializer(serializers.Serializer[Membership]):
    """Somebody who is in the group now."""

    username = serializers.CharField(source="user.username", help_text="The user name.")
    email = serializers.CharField(source="user.email", help_text="The e-mail address.")
    name = serializers.SerializerMethodField(help_text="The name of the profile, or else of the account.")
    origin = serializers.ChoiceField(
        Origin.choices, allow_blank=True, help_text="Why they are in it; empty of everybody else of a collection."
    )
    joined_at = serializers.DateTimeField(
        allow_null=True, help_text="Since when they are in it; null of everybody else of a collection."
    )
    expires_at = serializers.DateTimeField(allow_null=True, help_text="When that ends by itself; null: never.")

    def get_name(self, row: Membership | Exclusion) -> str:
        """The name that the view has looked up."""
        account = self.context["accounts"].get(row.user_id)
        return account.name if account else ""


class UserGroupExclusionSerializer(serializers.Serializer[Exclusion]):
    """Somebody who is kept out of the group, whatever its rule says."""

    username = serializers.CharField(source="user.username", help_text="The user name.")
    email = serializers.SerializerMethodField(help_text='The address; "" of who has left, where it is not for you.')
    name = serializers.SerializerMethodField(help_text="The name of the profile, or else of the account.")
    reason = serializers.CharField(help_text="Why.")
    author = Username(source="author_id", help_text="Who decided it.")
    created = serializers.DateTimeField(help_text="Since when.")
    expires_at = serializers.DateTimeField(allow_null=True, help_text="When it ends by itself; null: never.")

    get_name = UserGroupMemberSerializer.get_name

    def get_email(self, row: Exclusion) -> str:
        """The address of those whom the view has found to belong to the group's scope."""
        return row.user.email if row.user_id in self.context["belonging"] else ""


class UserGroupOutcomeSerializer(serializers.Serializer[MemberOutcome]):
    """What became of one person in a list."""

    person = serializers.SerializerMethodField(help_text="As they were named.")
    outcome = serializers.ChoiceField([outcome.value for outcome in Outcome], help_text="What became of them.")
    detail = serializers.CharField(help_text="A sentence about it, where there is more to say.")
    username = Username(source="user_id", help_text="Who it is; null where nobody was found.")

    def get_person(self, outcome: MemberOutcome) -> str:
        """As text, in a file with ids too."""
        return str(outcome.person)


class UserGroupOutcomesSerializer(serializers.Serializer[Any]):
    """What became of the people in a list."""

    outcomes = UserGroupOutcomeSerializer(many=True, help_text="One for each, in their order.")


class UserGroupChangesSerializer(serializers.Serializer[Any]):
    """What became of the people in two lists."""

    remove = UserGroupOutcomeSerializer(many=True, help_text="Of those who were to be removed, in their order.")
    add = UserGroupOutcomeSerializer(many=True, help_text="Of those who were to be added, in their order.")


class UserGroupImportSerializer(serializers.Serializer[Any]):
    """What became of the people in a file."""

    summary = serializers.DictField(child=serializers.IntegerField(), help_text="How many had each outcome.")
    outcomes = UserGroupOutcomeSerializer(many=True, help_text="One for each row, in their order.")


class UserGroupAddition(Input):
    """People to be put into the group by hand."""

    people = People()
    expires_at = Expiry()


class UserGroupMemberChange(Input):
    """People to be taken out and people to be put in; first out, then in."""

    add = People(required=False)
    remove = People(required=False)
    reason = Reason()


class UserGroupExclusionAddition(Input):
    """People to be kept out."""

    people = People()
    reason = Reason()
    expires_at = Expiry()


class UserGroupUpload(Input):
    """A file of people."""

    file = UploadedText(help_text="Text with a person on each line, or CSV, at best in UTF-8; named .txt or .csv.")
