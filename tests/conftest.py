"""What all tests share: hypothesis looks at the same examples every time, and leaves no files behind."""

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "default_suite",
    derandomize=True,
    database=None,
    deadline=None,
    # Databases are slower than hypothesis expects of data and tests, too slow to look for the smallest example.
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
    print_blob=True,
)
# Looks further than the default suite does, and simplifies what it finds: `pytest --hypothesis-profile=search`.
settings.register_profile(
    "search", parent=settings.get_profile("default_suite"), derandomize=False, phases=tuple(Phase)
)
settings.load_profile("default_suite")
