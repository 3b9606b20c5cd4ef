"""Settings of every environment, each only where the operator has not set it."""

from __future__ import annotations

from copy import deepcopy
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
    # .. setting_name: OPENEDX_USER_GROUPS_LEASE_SECONDS
    # .. setting_default: 900
    # .. setting_description: How long a refresh may go without writing before another one may take over from it. Longer
    #    than the slowest query of a rule.
    "OPENEDX_USER_GROUPS_LEASE_SECONDS": 900,
    # .. setting_name: OPENEDX_USER_GROUPS_QUEUE
    # .. setting_default: None
    # .. setting_description: The Celery queue of the tasks; None leaves it to the platform's routing.
    "OPENEDX_USER_GROUPS_QUEUE": None,
    # .. setting_name: OPENEDX_USER_GROUPS_SERVICE_VARIANTS
    # .. setting_default: ["lms"]
    # .. setting_description: Services (SERVICE_VARIANT) that refresh groups; others, such as Studio, only read them.
    "OPENEDX_USER_GROUPS_SERVICE_VARIANTS": ["lms"],
}


def plugin_settings(settings: Any) -> None:
    """Set the defaults."""
    for name, default in DEFAULTS.items():
        if not hasattr(settings, name):
            setattr(settings, name, deepcopy(default))
