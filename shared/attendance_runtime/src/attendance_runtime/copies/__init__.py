"""Copies of what other services say: keeping them, making them anew, and reading for them."""
