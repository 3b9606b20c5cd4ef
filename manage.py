#!/usr/bin/env python
"""Runs Django's commands in the sandbox: migrate, seed_lms, load_oulad, demo, runserver."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.sandbox.settings")
    execute_from_command_line(sys.argv)
