"""What the endpoints take and give, by noun."""
