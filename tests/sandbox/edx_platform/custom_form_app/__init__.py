"""Stands in for what an operator installs to ask more at registration; off unless a test turns it on."""
