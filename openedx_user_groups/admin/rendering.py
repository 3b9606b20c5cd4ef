"""What is shown on admin pages, as HTML; names and texts are escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from difflib import unified_diff
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ..criteria.base import Asking
from ..evaluation.wording import branch_titles, leaf_sentence
from ..rules.tree import Leaf, Node

NOTHING = "-"


def link(row: Model, text: object = None) -> SafeString:
    """A link to the page of a row."""
    meta = row._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, row if text is None else text)


def tree(rule: Node, asking: Asking) -> SafeString:
    """A rule as nested lists: what each branch combines, and each criterion in words."""
    return format_html('<ul class="user-groups-rule">{}</ul>', _item(rule, asking))


def _item(node: Node, asking: Asking) -> SafeString:
    if isinstance(node, Leaf):
        return format_html("<li>{}</li>", leaf_sentence(node, asking))
    children = format_html_join("", "{}", ((_item(child, asking),) for child in node.children))
    return format_html("<li>{}<ul>{}</ul></li>", branch_titles()[node.combine], children)


def json_block(data: Any) -> SafeString:
    """Data as JSON, one value in each line."""
    return format_html('<pre class="user-groups-json">{}</pre>', _lines(data))


def difference(before: Any, after: Any) -> SafeString:
    """What has changed from one JSON to the other, line by line."""
    lines = unified_diff(_lines(before).splitlines(), _lines(after).splitlines(), lineterm="")
    # The first two lines would name files.
    return format_html('<pre class="user-groups-json">{}</pre>', "\n".join(list(lines)[2:]))


def _lines(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)


def table(headings: Sequence[object], rows: Iterable[Sequence[object]]) -> SafeString:
    """A table with one heading for each column."""
    head = format_html_join("", "<th>{}</th>", ((heading,) for heading in headings))
    body = format_html_join("", "<tr>{}</tr>", ((_cells(row),) for row in rows))
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, body)


def _cells(row: Sequence[object]) -> SafeString:
    return format_html_join("", "<td>{}</td>", ((cell,) for cell in row))
