"""Rules: the tree of a rule, and how its truths combine."""
