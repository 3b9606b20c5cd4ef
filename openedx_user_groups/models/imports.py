"""People who are put into groups by lists, and those who wait until they have an account."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models

from .collection import GroupCollection
from .group import UserGroup
from .scope import Scope


class PendingMember(models.Model):
    """
    An e-mail address that waits: whoever turns up with it and belongs to the group's population is put into the group.

    ``email_key`` is the same for addresses that differ in the case of ASCII letters only, on every database.

    .. pii: The e-mail address of somebody who may have no account yet, that they are to be in a group, and who said so.
        It goes when they have joined, when somebody removes it, with the group, and when whoever has the address is
        retired.
    .. pii_types: email_address, id, other
    .. pii_retirement: local_api
    """

    group = models.ForeignKey(UserGroup, on_delete=models.CASCADE, related_name="pending_members")
    email = models.CharField(max_length=254)
    email_key = models.CharField(max_length=64, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    created = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("group", "email_key"), name="user_groups_one_pending_per_address"),
        )
        indexes = (models.Index(fields=("email_key",), name="user_groups_pending"),)

    def __str__(self) -> str:
        return f"address {self.pk} waits for group {self.group_id}"


class MemberImport(models.Model):
    """
    A list of people who are to be put into groups or taken out of one.

    Where somebody wants that it is first a check, which changes nothing. What became of each is kept for a while, to be
    looked at and downloaded.

    .. pii: Who gave the list, by user id; emptied on retirement. And what the author typed as a reason.
    .. pii_types: id, other
    .. pii_retirement: local_api
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    # None where each row names its own.
    group = models.ForeignKey(UserGroup, on_delete=models.CASCADE, null=True, related_name="imports")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    created = models.DateTimeField(db_index=True)
    is_check = models.BooleanField()
    # Whether the people are taken out of the group, for this reason, instead of put in.
    removes = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    # Whether the author must not learn of accounts outside the scope.
    discreet = models.BooleanField()
    rows = models.PositiveIntegerField()
    # When a worker has last written something of it, and when it was done with.
    touched = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        return str(self.uuid)


class ImportedPerson(models.Model):
    """
    One row of such a list; without an outcome it waits for its turn.

    .. pii: Whom somebody wants to have in a group, by user name or e-mail address, for the days that a list is kept.
    .. pii_types: username, email_address, id, other
    .. pii_retirement: local_api
    """

    member_import = models.ForeignKey(MemberImport, on_delete=models.CASCADE, db_index=False, related_name="people")
    position = models.PositiveIntegerField()
    # Of the file or the text.
    line = models.PositiveIntegerField()
    named = models.CharField(max_length=255)
    is_id = models.BooleanField(default=False)
    group = models.ForeignKey(
        UserGroup, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    # Of a row that is for no group that is there: for one that the list makes, or for none of the collection.
    collection = models.ForeignKey(
        GroupCollection, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    # As the row names it, where it does.
    group_name = models.CharField(max_length=255, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    outcome = models.CharField(max_length=20, blank=True)
    detail = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("member_import", "position"), name="user_groups_one_row_per_position"),
        )
        indexes = (models.Index(fields=("member_import", "outcome", "position"), name="user_groups_imported"),)

    def __str__(self) -> str:
        return f"line {self.line} of import {self.member_import_id}"
