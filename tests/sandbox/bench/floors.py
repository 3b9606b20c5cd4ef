"""Floors: the least that a database has to do, with the group's own statement and the product's own table."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from openedx_user_groups.criteria.base import Asking
from openedx_user_groups.evaluation.definition import load
from openedx_user_groups.evaluation.matching import members_by_rule
from openedx_user_groups.models import Membership, UserGroup


def statement(group: UUID) -> tuple[str, Any]:
    """The SELECT of the ids of a group's members, as the engine compiles it."""
    (definition,) = load(UserGroup.objects.filter(uuid=group))
    asking = Asking(definition.scope, timezone.now())
    users = members_by_rule(definition, asking, excludes=False).values_list("pk")
    return users.query.get_compiler(connection=connection).as_sql()


def select_ids(group: UUID) -> int:
    """Fetch the ids of everybody who matches."""
    sql, params = statement(group)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return len(cursor.fetchall())


def insert_select(group: UUID) -> int:
    """Fill the group in one statement, as the database itself would do it."""
    sql, params = statement(group)
    row = UserGroup.objects.get(uuid=group)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Membership._meta.db_table} (user_id, group_id, collection_id, origin, joined_at) "
            f"SELECT wanted.{connection.ops.quote_name('pk')}, {row.pk}, {row.collection_id}, 'rule', %s "
            f"FROM ({sql}) wanted",
            [connection.ops.adapt_datetimefield_value(timezone.now()), *params],
        )
        return int(cursor.rowcount)


def delete_and_insert(group: UUID) -> int:
    """Write all members anew through the ORM: what a plain implementation does."""
    sql, params = statement(group)
    row = UserGroup.objects.get(uuid=group)
    with transaction.atomic():
        row.memberships.all().delete()
        users = User.objects.raw(f"SELECT u.* FROM auth_user u JOIN ({sql}) wanted ON wanted.pk = u.id", params)
        members = [
            Membership(user=user, group=row, collection_id=row.collection_id, origin="rule", joined_at=timezone.now())
            for user in users
        ]
        Membership.objects.bulk_create(members, batch_size=5_000)
    return len(members)
