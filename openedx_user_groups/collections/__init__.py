"""Collections: sets of exclusive groups, by rules, by chance, by choice, or generated."""
