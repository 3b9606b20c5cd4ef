"""The replay: years of real learning played as a stream of what happens on the platform, in minutes."""
