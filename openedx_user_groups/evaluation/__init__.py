"""Evaluation: of whom a rule is true, of everybody or of some users. Reads only."""
