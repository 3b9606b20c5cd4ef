"""What the tests of the pages share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.rest_api.campus import Campus


@pytest.fixture
def campus(db):
    return Campus()


@pytest.fixture
def visitor(campus):
    """Gives a browser in which somebody is logged in, by what they are; see Campus."""

    def visit(who: str) -> Client:
        client, user = Client(), campus.person(who)
        if isinstance(user, User):
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return visit


@pytest.fixture
def staff(visitor):
    """The browser of somebody who is staff of the course."""
    return visitor("staff")


# By these openedx-authz, where it is installed, keeps its policies at hand and looks up who asks, and waffle keeps its
# flags; how often is their own affair.
OF_OTHERS = (
    "casbin_",
    "openedx_authz_",
    "django_migrations",
    "FROM waffle_flag ",
    "SAVEPOINT",
    "auth_user.email = ",
    "user_api_userretirementrequest",
)


@pytest.fixture
def django_assert_max_num_queries() -> Callable[..., object]:
    """The statements of a block are at most so many, those aside that another package sends for itself."""

    @contextmanager
    def at_most(number: int) -> Iterator[None]:
        with CaptureQueriesContext(connection) as sent:
            yield
        asked = [query["sql"].replace('"', "").replace("`", "") for query in sent]
        ours = [sql for sql in asked if not any(name in sql for name in OF_OTHERS)]
        assert len(ours) <= number, "\n".join(ours)

    return at_most
