"""Themes: under what the built-in criteria are listed; plugins may use them as well, or have their own."""

from django.utils.translation import gettext_lazy

ENROLLMENT = gettext_lazy("Enrollment")
ACTIVITY = gettext_lazy("Activity")
PROGRESS = gettext_lazy("Progress and grades")
PROFILE = gettext_lazy("Profile")
ACCOUNT = gettext_lazy("Account")
GROUPS = gettext_lazy("Groups and roles")
CHANCE = gettext_lazy("Chance")

# As they are listed; those of plugins follow.
IN_ORDER = (ENROLLMENT, ACTIVITY, PROGRESS, PROFILE, ACCOUNT, GROUPS, CHANCE)
