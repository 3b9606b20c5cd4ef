"""The people of the seed: who they are follows from a number, so the same people come out every time.

Instants are given in whole days ago; see ``seed.instant`` for the half day that is added.
"""

import random
from dataclasses import dataclass

FIRST_LEARNER_ID = 10_000_100
FIRST_VISITOR_ID = 20_000_000
LEARNERS_PER_VISITOR = 5

FIRST_NAMES = ("Ana", "Björn", "Chiara", "Dmitri", "Élodie", "Fatima", "Grace", "Hiroshi", "Inés", "Jun", "Kwame")
LAST_NAMES = ("O'Brien", "Müller", "Sánchez", "Nguyễn", "Smith", "D'Angelo", "Åkesson", "Okafor", "Singh", "Yılmaz")
# Texts that a careless query would trip over have their places here.
CITIES = ("London", "São Paulo", "Zürich", "L'Aquila", "Kraków", "100% Beach", 'Saint "Joe"', "東京", "lagos", "Lagos ")
COUNTRIES = ("US", "GB", "DE", "FR", "IN", "BR", "NG", "JP", "ES", "KE", None)
COUNTRY_WEIGHTS = (22, 14, 8, 7, 14, 9, 8, 5, 5, 3, 5)
GENDERS = ("f", "m", "o", None)
GENDER_WEIGHTS = (45, 42, 5, 8)
EDUCATION = ("p", "m", "b", "a", "hs", "jhs", "el", "none", "other", None)
EDUCATION_WEIGHTS = (3, 18, 32, 8, 20, 4, 1, 1, 3, 10)
DOMAINS = ("example.com", "example.org", "students.example.edu", "Example.COM")
DOMAIN_WEIGHTS = (60, 20, 18, 2)


@dataclass(frozen=True, slots=True)
class Person:
    """A user with a profile."""

    id: int
    username: str
    first_name: str
    last_name: str
    email: str
    joined_days_ago: int
    last_login_days_ago: int | None
    is_confirmed: bool = True
    is_disabled: bool = False
    is_retired: bool = False
    year_of_birth: int | None = None
    gender: str | None = None
    level_of_education: str | None = None
    city: str = ""
    country: str | None = None


def learner(number: int) -> Person:
    """Return the learner with this number, who is enrolled in the first course."""
    return _person(FIRST_LEARNER_ID + number, f"learner_{number:06}")


def visitor(number: int) -> Person | None:
    """Return the person beside this learner who is in other courses only; every fifth learner has one."""
    if number % LEARNERS_PER_VISITOR:
        return None
    return _person(FIRST_VISITOR_ID + number, f"visitor_{number:06}")


def _person(user_id: int, username: str) -> Person:
    chance = random.Random(f"person {user_id}")
    joined = chance.randint(0, 6) if chance.random() < 0.06 else chance.randint(7, 400)
    is_retired = chance.random() < 0.003
    return Person(
        id=user_id,
        username=username,
        first_name=chance.choice(FIRST_NAMES),
        last_name=chance.choice(LAST_NAMES),
        email=f"{username}@{chance.choices(DOMAINS, DOMAIN_WEIGHTS)[0]}",
        joined_days_ago=joined,
        last_login_days_ago=_last_login(chance, joined),
        is_confirmed=not is_retired and chance.random() < 0.97,
        is_disabled=chance.random() < 0.005,
        is_retired=is_retired,
        year_of_birth=chance.randint(1950, 2008) if chance.random() < 0.8 else None,
        gender=chance.choices(GENDERS, GENDER_WEIGHTS)[0],
        level_of_education=chance.choices(EDUCATION, EDUCATION_WEIGHTS)[0],
        city=chance.choice(CITIES) if chance.random() < 0.9 else "",
        country=chance.choices(COUNTRIES, COUNTRY_WEIGHTS)[0],
    )


def _last_login(chance: random.Random, joined: int) -> int | None:
    """Most came back lately, some a while ago, a few never."""
    kind = chance.random()
    if kind < 0.05:
        return None
    if kind < 0.75:
        return chance.randint(0, min(9, joined))
    return chance.randint(0, min(80, joined))
