"""The platform: its tables, flags, roles and services, and who its users are; each in one module."""
