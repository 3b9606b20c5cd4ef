"""Course progress where the completion aggregator is installed: its sums are used, not completed blocks."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection
from django.test import modify_settings

from openedx_user_groups import api
from tests.criteria.asking import values
from tests.factories import a_course, a_learner, complete, scope_of_course

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def aggregator() -> Iterator[None]:
    with modify_settings(INSTALLED_APPS={"append": "completion_aggregator"}):
        model = apps.get_model("completion_aggregator.Aggregator")
        with connection.schema_editor() as editor:
            editor.create_model(model)
        try:
            yield
        finally:
            with connection.schema_editor() as editor:
                editor.delete_model(model)


def done(user, course, percent: float, name: str = "course") -> None:
    apps.get_model("completion_aggregator.Aggregator").objects.create(
        user=user,
        course_key=course.id,
        aggregation_name=name,
        block_key=course.id.make_usage_key(name, name),
        earned=percent,
        possible=100,
        percent=percent / 100,
    )


def matching(course, operator: str, percent: object) -> set[int]:
    leaf = {"criterion": "course_progress", "operator": operator, "config": {"percent": percent}}
    found = api.preview(scope_of_course(course), {"all": [leaf]}, user_ids=True)
    assert found.leaves[0].unknown == 0
    return set(found.user_ids or ())


def test_its_sums_of_the_course_are_compared_and_who_has_none_has_done_nothing() -> None:
    course, other = a_course(), a_course("course-v1:Acme+B2+2026")
    none, some, half, whole = (a_learner(course) for _ in range(4))
    done(some, course, 29)
    done(some, course, 100, name="chapter")
    done(half, course, 50)
    done(whole, course, 100)
    done(none, other, 100)

    assert matching(course, "<", 30) == {none.pk, some.pk}
    assert matching(course, "<=", 29) == {none.pk, some.pk}
    assert matching(course, ">", 29) == {half.pk, whole.pk}
    assert matching(course, ">=", 50) == {half.pk, whole.pk}
    assert matching(course, ">=", 0) == {none.pk, some.pk, half.pk, whole.pk}
    assert matching(course, "between", [29, 50]) == {some.pk, half.pk}
    assert matching(course, "between", [0, 10]) == {none.pk}


def test_completed_blocks_do_not_count_beside_it() -> None:
    course = a_course(blocks=4)
    complete(a_learner(course), course, 2)

    assert matching(course, ">", 0) == set()


def test_the_value_is_the_sum_in_percent() -> None:
    course = a_course(blocks=4)
    none, some = a_learner(course), a_learner(course)
    done(some, course, 29)
    complete(none, course, 2)

    told = values(scope_of_course(course), [none, some], "course_progress", "<", percent=50)
    assert told == {none: 0, some: 29}
