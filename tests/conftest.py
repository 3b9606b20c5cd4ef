"""What all tests share: hypothesis looks at the same examples every time, and leaves no files behind."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "default_suite",
    derandomize=True,
    database=None,
    deadline=None,
    # Databases are slower than hypothesis expects of data and tests.
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
# For looking further than the default suite does: `pytest --hypothesis-profile=search`.
settings.register_profile("search", settings.get_profile("default_suite"), derandomize=False, max_examples=1000)
settings.load_profile("default_suite")
