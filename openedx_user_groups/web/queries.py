"""Queries: the parameters that each list takes."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey
from rest_framework import serializers
from rest_framework.settings import api_settings

from ..data import COURSE, INSTANCE, ORGANIZATION
from ..models import GroupCollection, Origin, UserGroup
from ..refresh.watching import STATUSES
from .errors import BadQuery
from .fields import Input, Text

MAX_PAGE_SIZE = 100
SCOPE_TYPES = (COURSE, ORGANIZATION, INSTANCE)
KEPT = [choice for choice in UserGroup.Status.choices if choice[0] != UserGroup.Status.DELETED]


class Query(Input):
    """Parameters of a query."""

    @classmethod
    def read(cls, parameters: QueryDict) -> dict[str, Any]:
        """The parameters, checked; the last one of those that are given twice. Raises BadQuery."""
        fields = cls().fields
        data = {
            name: values if isinstance(fields.get(name), serializers.MultipleChoiceField) else values[-1]
            for name, values in parameters.lists()
            # Where a media type is named in the address instead of the header, it has been looked at by now.
            if name != api_settings.URL_FORMAT_OVERRIDE
        }
        query = cls(data=data)
        try:
            query.is_valid(raise_exception=True)
        except serializers.ValidationError as error:
            raise BadQuery(error.detail) from None
        return dict(query.validated_data)


class NoQuery(Query):
    """There are no parameters."""


class PageSizeQuery(Query):
    """How many there are on a page."""

    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_PAGE_SIZE, help_text="How many on a page; 10 if left out."
    )


class PageQuery(PageSizeQuery):
    """A page by its number."""

    page = serializers.IntegerField(required=False, min_value=1, help_text="The number of the page, from 1.")


class ChangeQuery(PageQuery):
    """Whom a change that waits is about."""

    of = serializers.ChoiceField(("joining", "leaving"), help_text="Those who would join the group, or leave it.")


class ScopeQuery(Query):
    """In which scopes."""

    course_key = Text(required=False, max_length=255, help_text="In the course with this key.")
    organization = Text(required=False, max_length=255, help_text="In this organization and its courses.")
    scope_type = serializers.ChoiceField(SCOPE_TYPES, required=False, help_text="In scopes of this type.")

    def validate_course_key(self, key: str) -> str:
        """Refuse what is no course key."""
        try:
            return str(CourseKey.from_string(key))
        except InvalidKeyError:
            raise serializers.ValidationError(_("{key!r} is not a course key.").format(key=key)) from None


def _ordering(*names: str) -> serializers.ChoiceField:
    """By which of some names; by the first of them where that is left out."""
    choices = [sign + name for name in names for sign in ("", "-")]
    told = "By what; with a minus from the end."
    return serializers.ChoiceField(choices, required=False, default=names[0], help_text=told)


class CriterionTypesQuery(ScopeQuery):
    """For which scopes."""

    course_key = Text(required=False, max_length=255, help_text="For rules in this course.")
    organization = Text(required=False, max_length=255, help_text="For rules in this organization.")
    scope_type = serializers.ChoiceField(SCOPE_TYPES, required=False, help_text="For rules in scopes of this type.")


class OfferedQuery(ScopeQuery, PageQuery):
    """Which of the collections that somebody chooses in."""


class CollectionsQuery(ScopeQuery, PageQuery):
    """Which collections, in which order, and how much of them."""

    kind = serializers.ChoiceField(GroupCollection.Kind.choices, required=False, help_text="Of this kind.")
    parent_group = serializers.UUIDField(required=False, help_text="That subdivide this group.")
    search = Text(required=False, max_length=255, help_text="With this in the name.")
    ordering = _ordering("name", "created")
    view = serializers.ChoiceField(("minimal",), required=False, help_text="Only uuid, name, kind and rest_uuid.")


class RefreshesQuery(PageQuery):
    """Which refreshes."""

    status = serializers.MultipleChoiceField(
        choices=STATUSES, required=False, help_text="With this status; repeat it for several."
    )


class GroupsQuery(ScopeQuery, PageQuery):
    """Which groups, in which order, and how much of them."""

    status = serializers.MultipleChoiceField(
        choices=KEPT, required=False, help_text="With this status; repeat it for several."
    )
    tag = Text(required=False, max_length=64, help_text="With this tag, in any case.")
    is_dynamic = serializers.BooleanField(required=False, help_text="With a rule (true) or without one (false).")
    health = serializers.ChoiceField(UserGroup.Health.choices, required=False, help_text="As the last refresh left it.")
    search = Text(required=False, max_length=255, help_text="With this in the name or the description.")
    collection = serializers.UUIDField(required=False, help_text="Of this collection.")
    update_mode = serializers.ChoiceField(
        UserGroup.UpdateMode.choices, required=False, help_text="With which refreshes do this."
    )
    method = serializers.ChoiceField(
        UserGroup.Method.choices, required=False, help_text="Whose refreshes are begun by this."
    )
    has_draft = serializers.BooleanField(required=False, help_text="With a changed rule that waits, or without one.")
    ordering = _ordering("name", "modified", "created", "member_count", "last_refreshed", "next_due")
    view = serializers.ChoiceField(
        ("minimal",), required=False, help_text="Only uuid, name, status, is_dynamic and member_count."
    )


class PeopleQuery(PageSizeQuery):
    """Which people, and where the page begins."""

    cursor = Text(required=False, max_length=2_000, help_text="As next and previous of another page have it.")
    search = Text(required=False, max_length=255, help_text="With this in the user name, e-mail address or name.")


class MembersQuery(PeopleQuery):
    """Which members."""

    origin = serializers.ChoiceField(Origin.choices, required=False, help_text="Who came in like this.")


class RemovalQuery(Query):
    """Why somebody is taken out."""

    reason = Text(required=False, allow_blank=True, max_length=1_000, help_text="Why, for those who look after it.")
