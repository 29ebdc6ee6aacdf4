"""What stands behind `outbox`, `relay` and `consumer`; nobody else needs to look in here."""
