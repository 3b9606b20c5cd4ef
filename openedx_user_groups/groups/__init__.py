"""Groups: defined, edited, activated and filled by hand."""
