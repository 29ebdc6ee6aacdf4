"""What became of it: every check, counted here once more from what was sent."""
