"""Criteria and a data source of an invented campus."""
