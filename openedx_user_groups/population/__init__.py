"""The population: who belongs to a scope, who is in a group, and whom criteria name from outside the database."""
