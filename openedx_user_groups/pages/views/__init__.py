"""What the addresses of the pages show and do."""
