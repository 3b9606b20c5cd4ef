"""The endpoints, by noun. What they do is done by the Python API; who may do it is asked in ``access``."""
