"""What holds always of stored rows; and acts that are killed half-way, after which it has to hold, too."""

import re

import pytest
from django.db import connection
from django.db.models import F

from openedx_user_groups import api
from openedx_user_groups.models import Membership, UserGroup


class Killed(BaseException):
    """As the system ends a worker: nothing catches it."""


def killed(act, writing, number):
    """Do it until the database is to execute so many statements like this; the transaction they are in is lost."""
    seen = []

    def die(execute, sql, params, many, context):
        if re.match(writing, sql.replace("`", "").replace('"', "")):
            seen.append(sql)
            if len(seen) == number:
                raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(die), pytest.raises(Killed):
        act()


# The statement that moves the members of one batch, and the one that moves the group in the end.
BATCH = "UPDATE openedx_user_groups_membership SET collection_id"
LAST = "UPDATE openedx_user_groups_usergroup SET collection_id = .*priority"


def assert_sound():
    """What holds always of stored rows, while no group is on its way."""
    rows = Membership.objects.all()
    assert not rows.exclude(collection=F("group__collection")).exists()
    assert rows.values("collection", "user").distinct().count() == rows.count()
    for group in UserGroup.objects.exclude(status="deleted"):
        assert group.member_count == api.count_members(group.uuid)
