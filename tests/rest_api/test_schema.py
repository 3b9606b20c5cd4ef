"""The OpenAPI schema: made without a warning, and true of what the endpoints answer."""

import json

import pytest
from django.core.management import call_command
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from tests.rest_api.endpoints import REQUESTS, configured

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def schema():
    with GENERATOR_STATS.silence():
        # The settings of the sandbox leave out other plugins' endpoints.
        return SchemaGenerator().get_schema(request=None, public=True)


def operations(schema):
    return {
        (path, method): operation
        for path, item in schema["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def test_it_is_valid_and_made_without_a_warning(tmp_path):
    # Fails on what it cannot describe, and on what is no valid OpenAPI.
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(tmp_path / "schema.yml"))


def test_it_has_every_endpoint_and_method(schema):
    assert len(operations(schema)) == len(configured()) == len(REQUESTS)
    assert all(path.startswith("/api/user_group/v1/") and path.endswith("/") for path, _method in operations(schema))


def test_every_operation_documents_its_errors_in_the_one_shape(schema):
    for (path, method), operation in operations(schema).items():
        errors = {code: answer for code, answer in operation["responses"].items() if code >= "400"}
        assert {"400", "401", "403", "404", "405", "406"} <= set(errors), (path, method)
        assert method == "get" or "409" in errors
        for answer in errors.values():
            assert answer["content"] == {
                "application/json": {"schema": {"$ref": "#/components/schemas/UserGroupError"}}
            }


def test_every_operation_parameter_and_field_is_explained(schema):
    for where, operation in operations(schema).items():
        assert operation["description"], where
        assert all(parameter["description"] for parameter in operation.get("parameters", ())), where
    for name, component in schema["components"]["schemas"].items():
        for field, described in component.get("properties", {}).items():
            if name.startswith("Paginated"):
                continue
            assert "description" in described or "$ref" in described, (name, field)


def test_what_comes_in_has_no_unknown_members(schema):
    for where, operation in operations(schema).items():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            name = content["schema"]["$ref"].rpartition("/")[2]
            assert schema["components"]["schemas"][name]["additionalProperties"] is False, where


def test_what_has_been_made_says_where_it_is(schema):
    found = operations(schema)
    for path, code in (("groups/", "201"), ("collections/", "201"), ("groups/{group_uuid}/refreshes/", "202")):
        answer = found[f"/api/user_group/v1/{path}", "post"]["responses"][code]
        assert "Location" in answer["headers"]


def test_names_of_components_are_the_products_own(schema):
    """The schema of the platform holds those of every plugin."""
    shared = {"BlankEnum", "NullEnum"}
    for name in set(schema["components"]["schemas"]) - shared:
        assert "UserGroup" in name or name.endswith("Enum"), name


@pytest.mark.django_db
def test_it_is_served_with_a_page_that_tries_it_out(client):
    served = client.get("/api/schema/?format=json")

    assert served.status_code == 200
    assert json.loads(served.content)["paths"]
    page = client.get("/api/docs/").content.decode()
    assert "/api/schema/" in page
    # Nothing on it comes from elsewhere.
    assert "//cdn" not in page
    script = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
    assert script in page
    response = client.get(script)
    assert response.status_code == 200
    # A file is open until it has been sent.
    response.close()
