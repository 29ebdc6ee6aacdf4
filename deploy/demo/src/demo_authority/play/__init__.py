"""The authority's days played on a running platform, and a journal of what was sent."""
