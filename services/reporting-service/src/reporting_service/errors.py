"""What can go wrong here besides what `attendance_runtime.errors` knows."""

from attendance_runtime.errors import Unavailable


class RegisterUnreadable(Unavailable):
    """The register's marks cannot be read in bulk; nothing was changed since the last page."""
