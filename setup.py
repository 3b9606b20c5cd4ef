#!/usr/bin/env python
"""Package metadata of openedx-user-groups."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
PACKAGE = "openedx_user_groups"
PLUGIN = f"{PACKAGE} = {PACKAGE}.apps:OpenedxUserGroupsConfig"
NAME = re.compile(r"^[A-Za-z0-9._-]+")


def version() -> str:
    """Return the version that the package states about itself."""
    source = (HERE / PACKAGE / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r"""^__version__ = ["']([^"']+)["']""", source, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"{PACKAGE}/__init__.py states no __version__")
    return found[1]


def requirements(name: str) -> list[str]:
    """Return the requirements of one file, without comments and without pip's own options."""
    lines = (HERE / "requirements" / name).read_text(encoding="utf-8").splitlines()
    stripped = (line.partition("#")[0].strip() for line in lines)
    return [line for line in stripped if line and not line.startswith("-")]


def limited(requirement: str, limits: dict[str, str]) -> str:
    """Return the requirement with the limit that constraints.txt sets for it, if there is one."""
    name = NAME.match(requirement)
    return requirement + limits.get(name[0].lower(), "") if name else requirement


LIMITS = {NAME.match(line)[0].lower(): NAME.sub("", line) for line in requirements("constraints.txt")}

setup(
    name="openedx-user-groups",
    version=version(),
    description="Groups of users for Open edX, static or kept up to date by rules.",
    long_description="\n\n".join((HERE / name).read_text(encoding="utf-8") for name in ("README.rst", "CHANGELOG.rst")),
    long_description_content_type="text/x-rst",
    author="Open edX Project",
    author_email="oscm@openedx.org",
    url="https://github.com/openedx/openedx-user-groups",
    license="AGPL-3.0",
    packages=find_packages(include=[PACKAGE, f"{PACKAGE}.*"], exclude=["*.tests", "*.tests.*"]),
    include_package_data=True,
    install_requires=[limited(line, LIMITS) for line in requirements("base.in")],
    python_requires=">=3.11",
    zip_safe=False,
    keywords="Python edx openedx groups cohorts",
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Framework :: Django",
        "Framework :: Django :: 5.2",
        "Intended Audience :: Developers",
        "License :: OSI Approved :: GNU Affero General Public License v3 or later (AGPLv3+)",
        "Natural Language :: English",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Typing :: Typed",
    ],
    entry_points={
        "lms.djangoapp": [PLUGIN],
        "cms.djangoapp": [PLUGIN],
        "authz.schema": [f"{PACKAGE} = {PACKAGE}.authz_schema:directories"],
    },
)
