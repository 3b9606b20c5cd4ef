"""Tests that take much time."""
