"""Mutation tests: small errors put into the core, and whether a test sees them."""
