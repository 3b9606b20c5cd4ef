"""The REST API, version 1."""

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from openedx_user_groups import api
from openedx_user_groups.criteria.registry import temporarily
from tests.factories import a_user
from tests.groups import Answer

pytestmark = pytest.mark.django_db


class Nowhere(Answer):
    """Needs a table that is not here."""

    reads = ("nowhere.Model",)


@pytest.fixture
def client():
    client = APIClient()
    client.force_authenticate(a_user())
    return client


def criterion_types(client):
    return client.get(reverse("openedx_user_groups:criterion-types"))


def test_who_is_not_logged_in_is_refused():
    assert criterion_types(APIClient()).status_code in (401, 403)


def test_criterion_types_are_listed_with_the_schema_of_every_operator(client):
    response = criterion_types(client)

    assert response.status_code == 200
    assert [each["name"] for each in response.data] == sorted(each.name for each in api.criterion_types())
    (mode,) = [each for each in response.json() if each["name"] == "enrollment_mode"]
    assert set(mode) >= {"name", "title", "description", "scopes", "operators", "unavailable"}
    assert mode["scopes"] == ["course", "organization"]
    assert set(mode["operators"]) == {"in", "not_in"}
    assert mode["operators"]["in"]["properties"]["modes"]["type"] == "array"


def test_what_this_service_cannot_use_says_why(client):
    with temporarily(test__nowhere=Nowhere):
        (found,) = [each for each in criterion_types(client).json() if each["name"] == "test.nowhere"]

    assert "nowhere.Model" in found["unavailable"]


def test_the_list_takes_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        criterion_types(client)


def test_nothing_can_be_written_there(client):
    for method in (client.post, client.put, client.patch, client.delete):
        assert method(reverse("openedx_user_groups:criterion-types")).status_code == 405
