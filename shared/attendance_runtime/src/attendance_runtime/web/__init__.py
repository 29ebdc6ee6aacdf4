"""The HTTP edge: what is asked before a body is read, and what every answer carries."""
