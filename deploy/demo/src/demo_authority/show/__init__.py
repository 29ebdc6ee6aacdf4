"""What whoever runs the demo sees, while it plays and at its end."""
