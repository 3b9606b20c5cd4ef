"""Pages for those who look after groups and for learners: rendered here, and refreshed in parts by htmx.

They ask and show what the REST API does, and check the same permissions in the same way.
"""
