"""Truth with gaps: what is unknown is unknown in the end only where the rest does not decide."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openedx_user_groups.rules.combine import satisfied
from openedx_user_groups.rules.tree import Branch, Combine, Leaf, nodes
from openedx_user_groups.rules.truth import truths

YES, NO, UNKNOWN = True, False, None


def leaf(place: int) -> Leaf:
    return Leaf(f"/{place}", "criterion", "in", {"place": place})


def combined(combine: str, *given: bool | None) -> bool | None:
    branch = Branch("", Combine(combine), tuple(leaf(place) for place in range(len(given))))
    return truths(branch, lambda asked: given[asked.config["place"]])[""]


@pytest.mark.parametrize(
    ("combine", "given", "truth"),
    [
        ("all", (YES, YES), YES),
        ("all", (YES, UNKNOWN), UNKNOWN),
        ("all", (NO, UNKNOWN), NO),
        ("any", (NO, NO), NO),
        ("any", (NO, UNKNOWN), UNKNOWN),
        ("any", (YES, UNKNOWN), YES),
        ("none", (NO, NO), YES),
        ("none", (NO, UNKNOWN), UNKNOWN),
        ("none", (YES, UNKNOWN), NO),
    ],
)
def test_what_is_unknown_counts_only_where_the_rest_does_not_decide(combine, given, truth) -> None:
    assert combined(combine, *given) is truth
    assert combined(combine, *reversed(given)) is truth


trees = st.recursive(
    st.integers(0, 3).map(leaf),
    lambda children: st.builds(
        lambda combine, below: {combine: below}, st.sampled_from(Combine), st.lists(children, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


def with_paths(tree: Any, path: str = "") -> Leaf | Branch:
    """The same tree, each node with its place."""
    if isinstance(tree, Leaf):
        return Leaf(path, tree.criterion, tree.operator, tree.config)
    [(combine, below)] = tree.items()
    return Branch(path, combine, tuple(with_paths(node, f"{path}/{place}") for place, node in enumerate(below)))


@given(trees.map(with_paths), st.lists(st.sampled_from((YES, NO, UNKNOWN)), min_size=4, max_size=4))
def test_it_is_never_wrong_about_what_the_unknown_may_turn_out_to_be(tree, known) -> None:
    found = truths(tree, lambda asked: known[asked.config["place"]])
    assert set(found) == {node.path for node in nodes(tree)}
    for out in product(*((YES, NO) if truth is UNKNOWN else (truth,) for truth in known)):
        for node in nodes(tree):
            # Asked with certainty, it is what a refresh would make of the node.
            truth = satisfied(node, lambda asked, out=out: {1} if out[asked.config["place"]] else set(), {1}) == {1}
            assert found[node.path] in (UNKNOWN, truth)
