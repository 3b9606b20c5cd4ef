"""What the REST API and the pages have in common: who may ask, what they ask for, and how they are refused."""
