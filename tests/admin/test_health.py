"""The page of health: everything that is wrong, and nothing else."""

from datetime import timedelta

import pytest
from django.test import modify_settings
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups.criteria import registry
from openedx_user_groups.models import Change, UserGroup
from openedx_user_groups.outbox import store
from tests.admin.looking import page
from tests.by_api import VERIFIED, Answer, a_group, many_learners, refreshed, row_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def health(root):
    """The page as text."""

    def show():
        response = root.get(page("usergroup", "health"))
        assert response.status_code == 200
        return response.content.decode()

    return show


def test_where_nothing_is_wrong_it_says_so(health, scope):
    refreshed(a_group(scope, VERIFIED, "Sound"))

    text = health()

    assert "Nothing is wrong" in text
    assert "Sound" not in text


def test_broken_groups_are_shown_with_the_reason_and_the_criterion_that_is_gone(health, scope, broken):
    refreshed(a_group(scope, VERIFIED, "Sound"))

    text = health()

    assert "Nothing is wrong" not in text
    assert text.count(f'<a href="{page("usergroup", "change", row_of(broken).pk)}">Broken</a>') == 2
    assert "/all/0: No installed package offers the criterion &#x27;acme.gone&#x27;." in text
    assert '<th scope="row">acme.gone</th>' in text
    assert "Sound" not in text


def test_groups_that_are_held_or_late_are_shown_with_the_reason(health, scope, course):
    held, late = a_group(scope, VERIFIED, "Emptied"), a_group(scope, VERIFIED, "Forgotten")
    learners = many_learners(course, 30)
    refreshed(held)
    refreshed(late)
    CourseEnrollment.objects.filter(user__in=learners[:20]).update(mode="audit")
    assert refreshed(held).outcome == "held"
    UserGroup.objects.filter(uuid=late.uuid).update(
        next_due=timezone.now() - timedelta(hours=2), last_refreshed=timezone.now() - timedelta(days=30),
        swept_until=None,
    )  # fmt: skip

    text = health()

    assert "20 of 30 members would leave within a day; at most 50 percent may." in text
    assert "Held: a refresh waits for a decision" in text
    assert "Stale: its last successful refresh is too long ago; Overdue: it should have been refreshed by now" in text
    assert "Nothing is wrong" not in text


def test_changes_that_nobody_deals_with_are_told(health, scope):
    refreshed(a_group(scope, VERIFIED))
    store.note([1, 2], "some.event", scopes=[None])
    Change.objects.update(created=timezone.now() - timedelta(hours=3))

    text = health()

    assert "2 changes have been waiting since" in text
    assert "Nothing is wrong" not in text


def test_plugins_that_cannot_be_loaded_are_shown_with_the_reason(health, monkeypatch):
    monkeypatch.setitem(registry._broken, "openedx_user_groups.criteria: acme", "ImportError('no <module>')")

    text = health()

    assert "openedx_user_groups.criteria: acme" in text
    assert "no &lt;module&gt;" in text


def test_criteria_that_lack_a_table_or_an_event_are_shown(health):
    class Deaf(Answer):
        updated_by = {"org.acme.never.v1": "user.id"}

    with registry.temporarily(acme__deaf=Deaf):
        assert "org.acme.never.v1" in health()
    with modify_settings(INSTALLED_APPS={"remove": ["lms.djangoapps.certificates"]}):
        assert "certificates.GeneratedCertificate" in health()


def test_the_list_of_groups_leads_to_it(root):
    assert page("usergroup", "health") in root.get(page("usergroup")).content.decode()
