"""Settings of every environment, each only where the operator has not set it."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

DEFAULTS: dict[str, Any] = {
    # .. setting_name: OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT
    # .. setting_default: False
    # .. setting_description: Whether user groups are on wherever the flag user_groups.enable says nothing. An override
    #    of the flag for a course or an organization still wins, in both directions.
    "OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT": False,
    # .. setting_name: OPENEDX_USER_GROUPS_FLAG_OVERRIDES
    # .. setting_default: {"courses": {}, "orgs": {}}
    # .. setting_description: Overrides of the flag user_groups.enable where the platform's own CourseWaffleFlag is not
    #    installed: course keys and short names of organizations, each with True or False.
    "OPENEDX_USER_GROUPS_FLAG_OVERRIDES": {"courses": {}, "orgs": {}},
    # .. setting_name: OPENEDX_USER_GROUPS_PLUGIN_ERRORS_ARE_FATAL
    # .. setting_default: False
    # .. setting_description: Whether a plugin with criteria that cannot be loaded stops the start of the service. Where
    #    it does not, a system check and a critical log line tell, and its criteria are unknown.
    "OPENEDX_USER_GROUPS_PLUGIN_ERRORS_ARE_FATAL": False,
    # .. setting_name: OPENEDX_USER_GROUPS_CRITERION_SECONDS
    # .. setting_default: 120
    # .. setting_description: How long the code of one criterion may take each time it is asked; then it has failed, and
    #    the members of groups that use it stay as they are. 0 sets no limit. The queries of a rule are not meant.
    "OPENEDX_USER_GROUPS_CRITERION_SECONDS": 120,
    # .. setting_name: OPENEDX_USER_GROUPS_MAX_STAGED_IDS
    # .. setting_default: 5000000
    # .. setting_description: How many ids a criterion may hand over from outside the database; more of them are taken
    #    for a mistake.
    "OPENEDX_USER_GROUPS_MAX_STAGED_IDS": 5_000_000,
    # .. setting_name: OPENEDX_USER_GROUPS_LEASE_SECONDS
    # .. setting_default: 900
    # .. setting_description: How long a refresh may go without writing before another one may take over from it. Longer
    #    than the slowest query of a rule.
    "OPENEDX_USER_GROUPS_LEASE_SECONDS": 900,
    # .. setting_name: OPENEDX_USER_GROUPS_CLAIM_SECONDS
    # .. setting_default: 300
    # .. setting_description: How long a worker may work on what it has claimed of the outbox before another one may.
    "OPENEDX_USER_GROUPS_CLAIM_SECONDS": 300,
    # .. setting_name: OPENEDX_USER_GROUPS_DRAIN_SECONDS
    # .. setting_default: 1
    # .. setting_description: How long after an event the groups that depend on it are brought up to date; the events
    #    in between are dealt with together.
    "OPENEDX_USER_GROUPS_DRAIN_SECONDS": 1,
    # .. setting_name: OPENEDX_USER_GROUPS_DUE_SECONDS
    # .. setting_default: 60
    # .. setting_description: How often Celery beat looks for groups that are due; 0 adds no entry for it. Where no
    #    beat runs, a cron job with "refresh_user_groups --due" does the same.
    "OPENEDX_USER_GROUPS_DUE_SECONDS": 60,
    # .. setting_name: OPENEDX_USER_GROUPS_REMOVAL_LIMIT
    # .. setting_default: 50
    # .. setting_description: Percent of the members of a group of at least 20 that refreshes may remove within a day;
    #    beyond it they are held until somebody decides. A group can have its own limit.
    "OPENEDX_USER_GROUPS_REMOVAL_LIMIT": 50,
    # .. setting_name: OPENEDX_USER_GROUPS_SIZE_LIMIT
    # .. setting_default: 500
    # .. setting_description: How many learners at most may join a group by themselves. A group can have its own limit.
    "OPENEDX_USER_GROUPS_SIZE_LIMIT": 500,
    # .. setting_name: OPENEDX_USER_GROUPS_KEEP_RUNS_DAYS
    # .. setting_default: 90
    # .. setting_description: How many days the record of a refresh is kept, at least 2; None keeps all. A busy group
    #    has hundreds a day, and after a term nobody asks what one of them did. The last refresh that changed a group,
    #    and what waits for a decision, are always kept.
    "OPENEDX_USER_GROUPS_KEEP_RUNS_DAYS": 90,
    # .. setting_name: OPENEDX_USER_GROUPS_KEEP_HISTORY_DAYS
    # .. setting_default: 365
    # .. setting_description: How many days it is kept who was in a group and has left, at least 2; None keeps it until
    #    the person is retired. It is personal data: a year covers the run of a course and what is asked after it. What
    #    undoing the last refresh of a group needs is always kept.
    "OPENEDX_USER_GROUPS_KEEP_HISTORY_DAYS": 365,
    # .. setting_name: OPENEDX_USER_GROUPS_KEEP_IMPORTS_DAYS
    # .. setting_default: 7
    # .. setting_description: How many days lists of people that were put into groups are kept, with what became of each
    #    person; None keeps them until the group is deleted for good. They are personal data, and looked at once.
    "OPENEDX_USER_GROUPS_KEEP_IMPORTS_DAYS": 7,
    # .. setting_name: OPENEDX_USER_GROUPS_QUEUE
    # .. setting_default: None
    # .. setting_description: The Celery queue of the tasks; None leaves it to the platform's routing.
    "OPENEDX_USER_GROUPS_QUEUE": None,
    # .. setting_name: OPENEDX_USER_GROUPS_SERVICE_VARIANTS
    # .. setting_default: ["lms"]
    # .. setting_description: Services (SERVICE_VARIANT) that refresh groups; others, such as Studio, only read them.
    "OPENEDX_USER_GROUPS_SERVICE_VARIANTS": ["lms"],
    # .. setting_name: OPENEDX_USER_GROUPS_PERMISSION_BACKEND
    # .. setting_default: "openedx_user_groups.permissions.PlatformRoles"
    # .. setting_description: The class that says who may see and who may manage the groups of a scope, by its dotted
    #    path; a subclass of openedx_user_groups.permissions.PermissionBackend.
    "OPENEDX_USER_GROUPS_PERMISSION_BACKEND": "openedx_user_groups.permissions.PlatformRoles",
    # .. setting_name: OPENEDX_USER_GROUPS_MAX_UPLOAD_BYTES
    # .. setting_default: 1048576
    # .. setting_description: How large the body of a request to the REST API may be, and a file of people there and
    #    on pages.
    "OPENEDX_USER_GROUPS_MAX_UPLOAD_BYTES": 1024 * 1024,
    # .. setting_name: OPENEDX_USER_GROUPS_INSTRUCTOR_TAB
    # .. setting_default: True
    # .. setting_description: Whether the instructor dashboard of a course has a tab with its groups. Without it, the
    #    address of the tab leads to the same groups in the panel at /user_groups/.
    "OPENEDX_USER_GROUPS_INSTRUCTOR_TAB": True,
    # .. setting_name: OPENEDX_USER_GROUPS_INSTRUCTOR_TAB_URL
    # .. setting_default: None
    # .. setting_description: Where that tab leads, with {course_key} in it; None is our own page, below LMS_ROOT_URL.
    #    A path alone, such as "/instructor-dashboard/{course_key}/user_groups", is for a page within the app.
    "OPENEDX_USER_GROUPS_INSTRUCTOR_TAB_URL": None,
}


# Seconds after which a task that does what is due, and that no worker has taken, is not needed any more.
EXPIRES = 60 * 60
BEAT_ENTRY = "openedx_user_groups.refresh_due"
# The filters of the instructor dashboard, the app's and the legacy one's, and our steps in them.
FILTER_STEPS = {
    "org.openedx.learning.instructor.dashboard.tabs.requested.v1": "openedx_user_groups.filters.AddInstructorTab",
    "org.openedx.learning.instructor.dashboard.render.started.v1": "openedx_user_groups.filters.AddLegacySection",
}
MAKO_TEMPLATES = Path(__file__).resolve().parents[1] / "mako"


def plugin_settings(settings: Any) -> None:
    """Set the defaults, install what the pages need, and let Celery beat look for what is due."""
    # The settings of tests may have none.
    if "django_htmx" not in getattr(settings, "INSTALLED_APPS", ["django_htmx"]):
        settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "django_htmx"]
    for name, default in DEFAULTS.items():
        if not hasattr(settings, name):
            setattr(settings, name, deepcopy(default))
    _add_beat_entry(settings)
    if getattr(settings, "SERVICE_VARIANT", None) != "cms":
        _add_steps(settings)
        _add_mako_templates(settings)


def _add_steps(settings: Any) -> None:
    """Let our steps come last in the pipelines of the instructor dashboard; what is there stays as it is."""
    filters = dict(getattr(settings, "OPEN_EDX_FILTERS_CONFIG", None) or {})
    for filter_type, step in FILTER_STEPS.items():
        # The library takes a dictionary, a list of steps, and one step by its name.
        found = filters.get(filter_type) or {"fail_silently": True, "pipeline": []}
        config = found if isinstance(found, dict) else {"pipeline": [found] if isinstance(found, str) else found}
        steps = config.get("pipeline", [])
        if step not in steps:
            filters[filter_type] = {**config, "pipeline": [*steps, step]}
    settings.OPEN_EDX_FILTERS_CONFIG = filters


def _add_mako_templates(settings: Any) -> None:
    """Let the legacy dashboard find the template of its section."""
    # In place: other settings of the platform may hold the same list.
    folders = settings.MAKO_TEMPLATE_DIRS_BASE = getattr(settings, "MAKO_TEMPLATE_DIRS_BASE", [])
    if MAKO_TEMPLATES not in folders:
        folders.append(MAKO_TEMPLATES)


def _add_beat_entry(settings: Any) -> None:
    variant = getattr(settings, "SERVICE_VARIANT", None)
    seconds = settings.OPENEDX_USER_GROUPS_DUE_SECONDS
    if not seconds or variant not in (None, *settings.OPENEDX_USER_GROUPS_SERVICE_VARIANTS):
        return
    queue = settings.OPENEDX_USER_GROUPS_QUEUE
    # The settings of an operator may have replaced all entries since.
    settings.CELERYBEAT_SCHEDULE = getattr(settings, "CELERYBEAT_SCHEDULE", {})
    settings.CELERYBEAT_SCHEDULE.setdefault(
        BEAT_ENTRY,
        {
            "task": "openedx_user_groups.tasks.refresh_due",
            "schedule": timedelta(seconds=seconds),
            # Workers that are behind by some minutes still get to them; what has been done already costs little.
            "options": {"expires": EXPIRES, **({"queue": queue} if queue else {})},
        },
    )
