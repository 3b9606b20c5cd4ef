"""Events: what happens on the platform, and which groups it may concern."""
