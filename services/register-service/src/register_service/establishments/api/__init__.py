"""How the list of establishments looks from outside."""

from register_service.establishments.api.files import COLUMNS, read_file

__all__ = ["COLUMNS", "read_file"]
