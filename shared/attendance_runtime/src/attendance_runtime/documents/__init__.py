"""Documents that are written by the code: who may do what, and every event."""
