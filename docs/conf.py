"""Configuration of Sphinx."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs" / "_ext")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.sandbox.settings")

import django  # noqa: E402

django.setup()

from openedx_user_groups import __version__  # noqa: E402

project = "openedx-user-groups"
author = "Open edX Project"
copyright = "2026, Open edX Project"
version = release = __version__

extensions = [
    "command_help",
    "criterion_types",
    "sphinx.ext.autodoc",
    "code_annotations.contrib.sphinx.extensions.featuretoggles",
    "code_annotations.contrib.sphinx.extensions.settings",
]
exclude_patterns = ["_build"]
nitpicky = False
default_role = "any"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True}

# The lists of settings and toggles are made from the annotations in the package, and so are their links.
settings_source_path = featuretoggles_source_path = str(ROOT / "openedx_user_groups")
settings_repo_url = featuretoggles_repo_url = "https://github.com/openedx/openedx-user-groups"
settings_repo_version = featuretoggles_repo_version = "main/openedx_user_groups"

html_theme = "furo"
html_title = f"{project} {release}"
