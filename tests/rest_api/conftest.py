"""What the tests of the REST API share."""

import pytest

from tests.rest_api.campus import Campus
from tests.world import rolled_back


@pytest.fixture
def campus(db):
    return Campus()


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker):
    """Whatever is made with it stays until the last test of a module; what a test writes itself does not."""
    with django_db_blocker.unblock(), rolled_back():
        yield


@pytest.fixture
def staff(campus):
    """A client of somebody who is staff of the course."""
    return campus.client("staff")


@pytest.fixture
def admin(campus):
    """A client of global staff."""
    return campus.client("global_staff")
