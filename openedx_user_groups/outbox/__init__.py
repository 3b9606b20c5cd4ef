"""The outbox: what has happened and what is to be told, written with what made it true, and dealt with afterwards."""
