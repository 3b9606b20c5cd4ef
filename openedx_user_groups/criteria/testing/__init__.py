"""The contract that every criterion must pass, for the test suites of plugins; any test runner will do.

Fill the test database with people of every kind that the criterion tells apart, people without data included,
and call ``check_criterion()``. What breaks the contract is an AssertionError that says what to change.
"""

from .contract import check_criterion

__all__ = ["check_criterion"]
