"""Version 1 of the REST API, under ``/api/user_group/v1/``."""
