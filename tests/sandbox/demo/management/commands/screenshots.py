"""Makes the screenshots of the documentation: of the pages as the demo fills them, in a browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from PIL import Image

from tests.sandbox.demo.shots import Shot, shots

FOLDER = settings.CHECKOUT / "docs" / "_images"
# So that a picture of text stays far below 100 kB.
COLOURS = 64
PATIENCE = 60


class Command(BaseCommand):
    """Needs what `make demo` makes, and Chromium."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where the pictures go."""
        parser.add_argument("--folder", type=Path, default=FOLDER, help="where to put the pictures")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Serve the sandbox, and take the pictures one after the other."""
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
        if chromium is None:
            raise CommandError("Install Chromium, or name its program: CHROMIUM=/path/to/chromium")
        # What drives the browser is needed for nothing else in the sandbox.
        from playwright.sync_api import sync_playwright

        taken = shots()
        folder.mkdir(parents=True, exist_ok=True)
        with _served() as root, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            for shot in taken:
                path = folder / f"{shot.name}.png"
                _save(_taken(browser, root, shot), path)
                self.stdout.write(f"{path.name}: {path.stat().st_size // 1000} kB")
            browser.close()


def _taken(browser: Any, root: str, shot: Shot) -> bytes:
    context = browser.new_context(
        base_url=root, viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.scheme, locale="en"
    )
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    page.goto("/login/")
    page.fill("#id_username", shot.who)
    page.fill("#id_password", shot.who)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state()
    answer = page.goto(shot.path)
    if answer.status != 200:
        raise CommandError(f"{shot.path} answered {answer.status}.")
    shot.before(page)
    taken: bytes = page.screenshot()
    context.close()
    return taken


def _save(picture: bytes, path: Path) -> None:
    with Image.open(BytesIO(picture)) as image:
        image.convert("RGB").quantize(COLOURS).save(path, optimize=True)


@contextmanager
def _served() -> Iterator[str]:
    """The sandbox on a free port, until the pictures are taken."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "manage.py", "runserver", "--noreload", address]
    server = subprocess.Popen(
        command, cwd=settings.CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait_for(f"http://{address}/login/")
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait()


def _wait_for(url: str) -> None:
    latest = time.monotonic() + PATIENCE
    while True:
        try:
            with urlopen(url):
                return
        except URLError:
            if time.monotonic() > latest:
                raise CommandError("The sandbox does not answer.") from None
            time.sleep(0.5)
