"""The courses that plain people study in, and the groups that they are in, as rows."""

from collections.abc import Iterator

from opaque_keys.edx.keys import CourseKey

from openedx.core.djangoapps.content.block_structure.models import CourseBlock
from openedx_user_groups.models import GroupCollection, GroupTag, Scope, UserGroup
from openedx_user_groups.naming import name_key
from tests import factories
from tests.plain_people import CONTENTS, COURSES, GROUPS

# Far from the ids that databases give.
FIRST_ID = 60_000_000


def save_courses() -> None:
    """The courses with what they consist of, and the groups; in few statements, for it is done again and again."""
    for key in COURSES:
        factories.a_course(key)
    CourseBlock.objects.bulk_create(block for key in COURSES for block in _blocks(CourseKey.from_string(key)))
    _save_groups()


def _blocks(key: CourseKey) -> Iterator[CourseBlock]:
    """An assignment with units, which hold some of the problems."""
    homework = key.make_usage_key("sequential", "homework")
    yield CourseBlock(course_key=key, usage_key=homework)
    inside = {}
    for (kind, name), problems in CONTENTS.get(str(key), {}).items():
        if kind == "vertical":
            unit = key.make_usage_key(kind, name)
            inside |= dict.fromkeys(problems, unit)
            yield CourseBlock(course_key=key, usage_key=unit, parent_key=homework)
    total = COURSES[str(key)]
    for number in range(total or 1):
        problem = key.make_usage_key("problem", f"block{number}")
        parent = inside.get(number)
        yield CourseBlock(course_key=key, usage_key=problem, parent_key=parent, visible_to_staff_only=not total)


def _save_groups() -> None:
    scopes = {
        scope: Scope(pk=FIRST_ID + number, type=scope.type, key=scope.key)
        for number, scope in enumerate(dict.fromkeys(group.scope for group in GROUPS))
    }
    collections = {
        group.others: GroupCollection(pk=FIRST_ID + number, scope=scopes[group.scope], rest_uuid=group.others)
        for number, group in enumerate(GROUPS)
    }
    rows = [
        UserGroup(
            pk=FIRST_ID + number,
            uuid=group.uuid,
            scope=scopes[group.scope],
            collection=collections[group.others],
            name=group.name,
            status=UserGroup.Status.ACTIVE,
            modified=factories.NOW,
        )
        for number, group in enumerate(GROUPS)
    ]
    Scope.objects.bulk_create(scopes.values())
    GroupCollection.objects.bulk_create(collections.values())
    UserGroup.objects.bulk_create(rows)
    GroupTag.objects.bulk_create(
        GroupTag(group=row, tag=tag, tag_key=name_key(tag))
        for row, group in zip(rows, GROUPS, strict=True)
        for tag in group.tags
    )
