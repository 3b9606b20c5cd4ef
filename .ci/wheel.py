"""
Check the wheel.

wheel.py contents WHEEL   every file of the package that git knows is in it, and nothing else
wheel.py works            (in an environment with the wheel and what it asks for) a bare site starts and migrates
"""

import os
import subprocess
import sys
from importlib.metadata import files
from types import ModuleType
from zipfile import ZipFile

PACKAGE = "openedx_user_groups"
# What must be there by all means, as beginnings and endings of the names of files.
ESSENTIAL = [
    ("migrations/0001_", ".py"),
    ("authz_schema/", ".yaml"),
    ("conf/locale/", ".yaml"),
    ("py.typed", ""),
]


def contents(wheel: str) -> str | None:
    """Compare the wheel with the files under version control, or to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", PACKAGE]
    wanted = set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
    with ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
    print(f"{wheel}: {len(found)} files")
    problems = [f"not in the wheel: {name}" for name in sorted(wanted - found)]
    problems += [f"does not belong into the wheel: {name}" for name in sorted(found - wanted)]
    return "\n".join(problems) or None


def works() -> str | None:
    """Start a site that has nothing but the plugin, migrate it, and look for the files that are no code."""
    site = sys.modules["bare_site"] = ModuleType("bare_site")
    os.environ["DJANGO_SETTINGS_MODULE"] = site.__name__

    import django
    from django.core.management import call_command
    from edx_django_utils.plugins import add_plugins, get_plugin_apps, get_plugin_url_patterns

    for project in ("lms.djangoapp", "cms.djangoapp"):
        installed = get_plugin_apps(project)
        assert any(app.startswith(PACKAGE) for app in installed), f"{project} does not know the plugin"
    vars(site).update(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "rest_framework",
            "waffle",
            *installed,
        ],
        ROOT_URLCONF=site.__name__,
        SECRET_KEY="not a secret",
        USE_TZ=True,
    )
    add_plugins(site.__name__, "lms.djangoapp", "common")
    add_plugins(site.__name__, "lms.djangoapp", "production")
    django.setup()
    site.urlpatterns = get_plugin_url_patterns("lms.djangoapp")
    call_command("migrate", verbosity=0)
    call_command("check")

    names = [str(name).removeprefix(f"{PACKAGE}/") for name in files("openedx-user-groups") or []]
    problems = [
        f"no file {start}*{end}"
        for start, end in ESSENTIAL
        if not any(name.startswith(start) and name.endswith(end) for name in names)
    ]
    return "\n".join(problems) or None


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    sys.exit(contents(*rest) if command == "contents" else works())
