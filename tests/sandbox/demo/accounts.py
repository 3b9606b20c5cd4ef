"""The accounts one can log in with, and the staff beside them."""

import random
from dataclasses import dataclass

from tests.sandbox.demo.people import Person

FIRST_ACCOUNT_ID = 10_000_000
FIRST_STAFF_ID = 10_000_010
STAFF = 40


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody whose password is the same as the username."""

    username: str
    is_superuser: bool
    description: str


ACCOUNTS = (
    Account("instructor", False, "teaches Data Science for Everyone and sees its groups"),
    Account("admin", True, "administers the platform and sees the groups of every scope"),
    Account("learner", False, "studies Data Science for Everyone and manages nothing"),
)


def account_people() -> list[Person]:
    """Return who stands behind the accounts."""
    return [
        Person(
            id=FIRST_ACCOUNT_ID + number,
            username=account.username,
            first_name="",
            last_name="",
            email=f"{account.username}@example.com",
            joined_days_ago=200,
            last_login_days_ago=0,
        )
        for number, account in enumerate(ACCOUNTS)
    ]


def staff_people() -> list[Person]:
    """Return the staff of the platform; some of them never logged in."""
    chance = random.Random("staff")
    return [
        Person(
            id=FIRST_STAFF_ID + number,
            username=f"staff_{number:02}",
            first_name="Staff",
            last_name=str(number),
            email=f"staff_{number:02}@example.com",
            joined_days_ago=300,
            last_login_days_ago=None if number % 3 == 0 else chance.randint(0, 60),
        )
        for number in range(STAFF)
    ]
