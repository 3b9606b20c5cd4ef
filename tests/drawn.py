"""The few values that random people have and random rules ask for, so that they often meet."""

import json
from datetime import timedelta

from hypothesis import strategies as st

from tests.factories import NOW

MODES = ("audit", "verified", "Honor", "no-id-professional")
STATUSES = ("downloadable", "notpassing", "unavailable")
COUNTRIES = ("DE", "fr", "", None)
EDUCATION = ("p", "hs", "", None)
GENDERS = ("f", "m", "o", "", None)
DOMAINS = ("example.com", "Students.Example.com", "exämple.com", "other.org")
ROLES = ("staff", "Staff", "limited_staff", "instructor")
TEXTS = (
    "",
    "a",
    "A",
    "É",
    "é",
    "e",
    "ß",
    "ss",
    "100%",
    "_",
    "O'Brien",
    'say "hi"',
    "back\\slash",
    "Ana ",
    " ana",
    "🎓",
)
ACCOUNT_FIELDS = ("username", "email", "first_name", "last_name")
PROFILE_FIELDS = ("name", "city", "goals")

# Whole days before NOW, and a microsecond to either side of them: the instants at which answers change.
instants = st.builds(
    lambda days, microseconds: NOW - timedelta(days=days, microseconds=microseconds),
    st.integers(-1, 12),
    st.sampled_from((0, 0, -1, 1)),
)
percents = st.one_of(st.integers(0, 100), st.sampled_from((0, 14.3, 28.5, 29, 29.0, 57.1, 99.9, 100)))
texts = st.sampled_from(TEXTS)
LANGUAGES = ("en", "es-419", "EN", "", None)
PROVIDERS = ("google-oauth2", "tpa-saml", "Password")
GROUP_TEXTS = ("tutorial", "Tutorial A", "É", "é", "lab", "_", "100%", "Early", "Acme", "acme", "+A1+", "staff", "!")
SEEDS = ("a", "A", "🎓", "spring 2026")
CUSTOM_FIELD = "dép"
CUSTOM_VALUES = (*TEXTS, None, 7, 1.5, True, [], ["a", {"b": "É"}], {}, "\ud800", "null")
# What is in the JSON of profiles: the field, another field, or nothing that can be read.
METAS = (
    *(json.dumps({CUSTOM_FIELD: value}) for value in CUSTOM_VALUES),
    *(json.dumps({CUSTOM_FIELD: value}, ensure_ascii=False) for value in ("É", "🎓", "a")),
    json.dumps({"dep": "a", "DÉP": "a", "session_id": None}),
    *("", " ", "null", "[]", "{", '"a"', "7", "NaN", "[" * 100_000, "9" * 5_000, '{"dép": NaN}', '{"dép": 1e999}'),
)
