"""Groups of people for Open edX: one model, rules made of pluggable criteria, memberships kept up to date."""

__version__ = "0.1.0"
