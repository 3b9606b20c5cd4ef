"""Stand-in for openedx-completion-aggregator; not installed in the sandbox, as on many platforms."""
