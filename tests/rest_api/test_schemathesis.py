"""The REST API, called with what its schema allows and with what it does not: no crash, no undocumented answer.

Every request is sent twice: as it was generated, when it mostly names what is not there, and about what there is.
"""

from collections import Counter
from contextlib import contextmanager

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.core import NotSet

from tests.by_api import VERIFIED
from tests.factories import enroll
from tests.rest_api.campus import KEY, Campus
from tests.rest_api.endpoints import a_site
from tests.world import rolled_back

schemathesis.checks.load_all_checks()
RESPONSE = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
REQUEST = ("negative_data_rejection", "missing_required_header", "unsupported_method", "allow_header_conformance")
ON_RESPONSE = schemathesis.checks.CHECKS.get_by_names(RESPONSE)
ON_BOTH = schemathesis.checks.CHECKS.get_by_names(RESPONSE + REQUEST)

APP = get_wsgi_application()
# Any token will do that is sent twice.
CSRF = "x" * 32


def load(*, coverage):
    """The schema as the sandbox serves it; coverage adds every edge of every parameter to what is drawn."""
    config = {"generation": {"with-security-parameters": False}, "phases": {"coverage": {"enabled": coverage}}}
    return schemathesis.openapi.from_wsgi("/api/schema/?format=json", APP, config=schemathesis.Config.from_dict(config))


@contextmanager
def connection_kept():
    """A request over WSGI closes connections that are in the middle of something, such as the transaction of a test."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


class Caller:
    """Somebody who is logged in, at a site; counts the answers."""

    def __init__(self, site, who):
        self.site = site
        # Who looks after the course studies in it, too, and so may choose.
        enroll(site.campus.person(who), site.campus.course)
        self.cookies = {"sessionid": site.campus.client(who).cookies["sessionid"].value, "csrftoken": CSRF}
        self.answers = Counter()
        self.sent = set()
        self.there = {
            "group_uuid": str(self.site.group.uuid),
            "collection_uuid": self.site.collection,
            "run_uuid": self.site.run,
            "username": "ana",
            "number": 1,
            "name": "last_login",
            "scope": self.site.scope,
            "collection": self.site.collection,
            "parent_group": str(self.site.group.uuid),
            "group": str(self.site.single.uuid),
            "groups": [str(self.site.team.uuid)],
            "weights": {str(self.site.drawn.uuid): 3},
            "rule": VERIFIED,
            "revision": 1,
            "file": b"ana\nbo\n",
            "people": ["ana", "bo", "nobody"],
            "add": ["ana"],
            "remove": ["bo"],
            "course_key": KEY,
            "organization": "Acme",
        }

        # What else it is about where the address has this in it. Ana is a member, and bo is kept out.
        self.elsewhere = {
            "/exclusions/": {"username": "bo"},
            "/draft/": {"group_uuid": str(self.site.draft.uuid)},
            "/overlaps/": {"group_uuid": str(self.site.single.uuid)},
            "/collections/{collection_uuid}/groups/": {"group_uuid": str(self.site.team.uuid)},
            "/weights/": {"collection_uuid": self.site.random},
            "/choices/": {"collection_uuid": self.site.generated},
            "/me/": {"collection_uuid": self.site.offer, "group_uuid": str(self.site.place.uuid)},
        }

    def call(self, case):
        """Send it as it is, then about what there is; what it changes is taken back."""
        requests = [(case, ON_BOTH)]
        # Of another method than the operation's own only the refusal counts.
        if case.method == case.operation.method.upper():
            aimed = self.aimed(case)
            key = repr((aimed.path_parameters, aimed.query, aimed.body, aimed.media_type))
            # The same about what there is gets the same answer: it is sent once.
            if key not in self.sent:
                self.sent.add(key)
                requests.append((aimed, ON_RESPONSE))
        for request, checks in requests:
            with connection_kept(), rolled_back():
                response = request.call(headers={"X-CSRFToken": CSRF}, cookies=self.cookies)
                self.answers[response.status_code] += 1
                request.validate_response(response, checks=checks)

    def aimed(self, case):
        there = dict(self.there)
        if case.method == "PATCH":
            # Of the runs, the held one is to be decided.
            there |= {"run_uuid": self.site.held}
        for part, about in self.elsewhere.items():
            if part in case.path:
                there |= about
        path = {name: there[name] for name in case.path_parameters or {}}
        body = case.body
        if isinstance(body, dict):
            # A field of the group is called name, too.
            body = {key: value if key == "name" else self.there.get(key, value) for key, value in body.items()}
        query = {key: self.there.get(key, value) for key, value in (case.query or {}).items() if key != "cursor"}
        more = {} if isinstance(body, NotSet) else {"body": body, "media_type": case.media_type}
        return case.operation.Case(method=case.method, path_parameters=path, query=query, **more)


@pytest.fixture(scope="module")
def callers(kept):
    site = a_site(Campus())
    return [Caller(site, who) for who in ("global_staff", "staff")]


@pytest.fixture
def everybody(db, callers):
    """The callers; of each, some of the answers to an operation are those of success."""
    for caller in callers:
        caller.answers.clear()
        caller.sent.clear()
    yield callers
    for caller in callers:
        assert any(status < 300 for status in caller.answers), caller.answers


# What an example changes is taken back, so that all of them meet the same site.
EXAMPLES = {"suppress_health_check": list(HealthCheck), "deadline": None, "derandomize": True, "database": None}
DRAWN, COVERED = load(coverage=False), load(coverage=True)


@DRAWN.parametrize()
@settings(max_examples=5, **EXAMPLES)
def test_global_and_course_staff_get_no_answer_that_is_not_documented(case, everybody):
    for caller in everybody:
        caller.call(case)


@pytest.mark.slow
@COVERED.parametrize()
@settings(max_examples=10, **EXAMPLES)
def test_they_get_none_at_any_edge_either(case, everybody):
    for caller in everybody:
        caller.call(case)
