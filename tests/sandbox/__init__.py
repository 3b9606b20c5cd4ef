"""A small stand-in for the learning platform: one Django project for tests, demo and benchmarks.

It needs this checkout to be installed (``pip install -e .``), since it finds the product by its entry points,
as the platform does.
"""

from tests.sandbox.celery import app as celery_app

__all__ = ["celery_app"]
