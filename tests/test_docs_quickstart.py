"""The quickstart works in the sandbox as it is written."""

import re
from pathlib import Path
from textwrap import dedent

import pytest
from django.core.management import call_command

from openedx_user_groups import api
from tests.sandbox.demo.groups import COURSE

PAGE = Path(__file__).resolve().parents[1] / "docs" / "quickstart.rst"
BLOCK = re.compile(r"^\.\. code-block:: python\n\n((?:(?: {3}.*)?\n)+)", re.MULTILINE)


@pytest.mark.django_db
def test_the_group_that_it_defines_has_members_beside_those_of_the_demo():
    call_command("demo", "--no-refresh", learners=200)
    before = set(api.groups_in(api.course_scope(COURSE.key)).values_list("name", flat=True))
    (block,) = BLOCK.findall(PAGE.read_text(encoding="utf-8"))

    names = {}
    exec(dedent(block), names)

    assert names["group"].name not in before
    assert api.count_members(names["group"].uuid) > 0
