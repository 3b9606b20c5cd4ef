"""The directive ``command-help``: what a management command says about itself."""

from __future__ import annotations

import os

from django.core.management import load_command_class
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

# Options that Django gives to every command.
DJANGOS = ("version", "verbosity", "settings", "pythonpath", "traceback", "no_color", "force_color", "skip_checks")


class CommandHelp(SphinxDirective):
    """The help of the command named in the argument, without the options that all commands have."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the help as a literal block."""
        name = self.arguments[0]
        parser = load_command_class("openedx_user_groups", name).create_parser("manage.py lms", name)
        for action in parser._actions:
            if action.dest in DJANGOS:
                action.help = "==SUPPRESS=="
        os.environ["COLUMNS"] = "100"
        text = parser.format_help()
        return [nodes.literal_block(text, text, language="text")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("command-help", CommandHelp)
    return {"parallel_read_safe": True}
