"""Fields that were added to profiles where the platform keeps them in a model of the operator's."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.apps import apps
from django.db import connection
from django.test import modify_settings, override_settings

from openedx_user_groups import api
from openedx_user_groups.criteria import registry
from tests.criteria.asking import found, unknown, values
from tests.factories import a_course, a_learner, a_user, profile, scope_of_course, scope_of_instance

pytestmark = pytest.mark.django_db(transaction=True)

FIELD = "custom_profile_field"
INSTANCE = scope_of_instance()


@pytest.fixture(params=["PROFILE_EXTENSION_FORM", "REGISTRATION_EXTENSION_FORM"])
def answered(request) -> Iterator[type]:
    """The model, with the platform configured in the new way and in the old one."""
    form = {request.param: "custom_form_app.forms.ExtraInfoForm"}
    with modify_settings(INSTALLED_APPS={"append": "custom_form_app"}), override_settings(**form):
        model = apps.get_model("custom_form_app.ExtraInfo")
        with connection.schema_editor() as editor:
            editor.create_model(model)
        try:
            yield model
        finally:
            with connection.schema_editor() as editor:
                editor.delete_model(model)


def test_whoever_has_a_row_has_what_it_says_and_the_others_what_their_json_says(answered) -> None:
    moved, emptied, old, nobody = (a_user() for _ in range(4))
    for user in (moved, emptied, old):
        profile(user, meta='{"department": "Physics"}')
    answered.objects.create(user=moved, department="Chemistry")
    answered.objects.create(user=emptied, department=None)
    answered.objects.create(user=None, department="Chemistry")

    assert found(INSTANCE, FIELD, "is", field="department", value="chemistry") == {moved}
    assert found(INSTANCE, FIELD, "is", field="department", value="physics") == {old}
    assert found(INSTANCE, FIELD, "is_empty", field="department") == {emptied, nobody}
    assert unknown(INSTANCE, FIELD, "is", field="department", value="x") == 2
    everybody = [moved, emptied, old, nobody]
    assert values(INSTANCE, everybody, FIELD, "is_empty", field="department") == {moved: "Chemistry", old: "Physics"}


def test_numbers_truths_and_dates_compare_as_text(answered) -> None:
    user = a_user()
    answered.objects.create(user=user, employees=50, newsletter=True, hired=date(2026, 1, 31))

    for field, text in (("employees", "50"), ("newsletter", "true"), ("hired", "2026-01-31")):
        assert found(INSTANCE, FIELD, "in", field=field, values=[text]) == {user}


def test_a_field_that_the_model_does_not_have_is_looked_for_in_the_json(answered) -> None:
    user = a_user()
    profile(user, meta='{"hobby": "chess", "user": "me"}')
    answered.objects.create(user=user)

    assert found(INSTANCE, FIELD, "is", field="hobby", value="chess") == {user}
    assert found(INSTANCE, FIELD, "is", field="user", value="me") == {user}


def test_rows_of_learners_elsewhere_are_not_read(answered) -> None:
    course = a_course()
    learner, stranger = a_learner(course), a_user()
    for user in (learner, stranger):
        answered.objects.create(user=user, department="Chemistry")

    assert found(scope_of_course(course), FIELD, "is", field="department", value="Chemistry") == {learner}


def test_the_columns_of_the_model_are_suggested_beside_what_is_in_the_json(answered) -> None:
    profile(a_user(), meta='{"hobby": "chess"}')

    suggested = api.suggestions(INSTANCE, FIELD, key="field")

    assert {"hobby", "department", "employees"} < set(suggested)
    assert "user" not in suggested


def test_a_form_without_a_model_keeps_its_answers_in_the_json() -> None:
    user = a_user()
    profile(user, meta='{"department": "Physics"}')
    with (
        modify_settings(INSTALLED_APPS={"append": "custom_form_app"}),
        override_settings(REGISTRATION_EXTENSION_FORM="custom_form_app.forms.PlainForm"),
    ):
        assert found(INSTANCE, FIELD, "is", field="department", value="Physics") == {user}


@override_settings(PROFILE_EXTENSION_FORM="gone.forms.Form")
def test_a_form_that_cannot_be_imported_makes_it_unavailable_and_nobody_loses_anything() -> None:
    reason = registry.get(FIELD).unavailable()

    assert reason.startswith("PROFILE_EXTENSION_FORM names gone.forms.Form, which cannot be imported")
