"""Plugin settings, applied to the platform's own; every function may be called any number of times."""
