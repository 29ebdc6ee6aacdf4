"""Breaks a working platform part by part, and looks for anything lost or repeated."""
