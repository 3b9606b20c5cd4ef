"""The modules of the pages are found by the names under which the platform serves them."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import override_settings

import openedx_user_groups

FOLDER = Path(openedx_user_groups.__file__).parent / "static" / "openedx_user_groups"
IMPORTED = re.compile(r'^import .* from "\./(\w+\.js)";$', re.MULTILINE)


@pytest.fixture
def imports():
    """Which modules import any, and which these are."""
    found = {path.name: set(IMPORTED.findall(path.read_text())) for path in FOLDER.glob("*.js")}
    return {name for names in found.values() for name in names}


def addresses():
    html = render_to_string("openedx_user_groups/pages/_modules.html")
    return json.loads(html.split(">", 1)[1].rsplit("<", 1)[0])["imports"]


def test_all_that_are_imported_are_named(imports):
    assert imports
    assert set(addresses()) == {f"/static/openedx_user_groups/{name}" for name in imports}


def test_they_are_served_by_the_names_that_change_with_each_release(tmp_path, imports):
    hashed = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}}
    with override_settings(STATIC_ROOT=str(tmp_path), STORAGES=hashed):
        call_command("collectstatic", "--noinput", verbosity=0)
        assert isinstance(staticfiles_storage, ManifestStaticFilesStorage)
        for name, address in addresses().items():
            assert re.fullmatch(rf"{re.escape(name.removesuffix('.js'))}\.\w{{12}}\.js", address)
            assert (tmp_path / address.removeprefix("/static/")).exists()
