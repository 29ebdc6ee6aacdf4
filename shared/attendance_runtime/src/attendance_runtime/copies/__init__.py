"""Copies of what other services say: keeping them, making them anew, and reading for them."""

from attendance_runtime.copies.copy import Copy, Kept

__all__ = ["Copy", "Kept"]
