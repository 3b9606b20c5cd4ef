"""Upkeep: what keeps members right whatever happens: the drain, the sweep, and what is done at regular intervals."""
