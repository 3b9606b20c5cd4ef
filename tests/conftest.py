"""What all tests share: a course and its scope; and hypothesis looks at the same examples every time."""

from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.examples import USUAL
from tests.factories import a_course, scope_of_course

# What drives a browser is installed by `make browser`; without it these tests cannot even be read.
collect_ignore = [] if find_spec("playwright") else ["browser"]

settings.register_profile(
    "default_suite",
    max_examples=USUAL,
    derandomize=True,
    database=None,
    deadline=None,
    # Databases are slower than hypothesis expects of data and tests, too slow to look for the smallest example.
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
    print_blob=True,
)
# The same once more, on another database or Python: `pytest --hypothesis-profile=again`.
settings.register_profile("again", parent=settings.get_profile("default_suite"), max_examples=USUAL // 8)
# Looks further than the default suite does, and simplifies what it finds: `pytest --hypothesis-profile=search`.
settings.register_profile(
    "search",
    parent=settings.get_profile("default_suite"),
    max_examples=20 * USUAL,
    derandomize=False,
    phases=tuple(Phase),
)
settings.load_profile("default_suite")


@pytest.fixture
def course(db):
    """A course run of the organization Acme."""
    return a_course()


@pytest.fixture
def scope(course):
    """Its scope."""
    return scope_of_course(course)
