"""Refresh: stored members are brought into line with their rules: difference, write, announce."""
