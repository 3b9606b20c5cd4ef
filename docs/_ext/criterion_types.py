"""The directive ``criterion-types``: every built-in criterion type, as its class describes itself."""

from __future__ import annotations

from criterion_words import describe
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from openedx_user_groups.criteria import registry


class CriterionTypes(SphinxDirective):
    """Lists them by name, each as a section."""

    def run(self) -> list[nodes.Node]:
        """Parse the descriptions in place of the directive."""
        # Those with a dot are of plugins that are installed beside; the page is about ours.
        built_in = [criterion for criterion in registry.all_types() if "." not in criterion.name]
        lines = [line for criterion in built_in for line in describe(criterion)]
        container = nodes.section()
        container.document = self.state.document
        self.state.nested_parse(StringList(lines, source="criterion types"), 0, container, match_titles=True)
        return container.children


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("criterion-types", CriterionTypes)
    return {"parallel_read_safe": True}
