"""A local stand-in for GOV.UK Notify that speaks its version 2 API."""
