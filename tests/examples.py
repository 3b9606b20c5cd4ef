"""How many examples hypothesis looks at: fewer where others have looked already, many more when searching."""

from hypothesis import settings

# What the profile of the default suite draws where a test does not say how many.
USUAL = 100


def examples(number: int) -> int:
    """As many in the default suite; in proportion by another profile of conftest.py."""
    return max(2, number * settings().max_examples // USUAL)
