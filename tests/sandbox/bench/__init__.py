"""The benchmark: a refresh against what the database can do at best, side by side in one run."""
