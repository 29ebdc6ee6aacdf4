"""How the list of establishments looks from outside."""

from register_service.establishments.api.files import COLUMNS, in_columns, read_file

__all__ = ["COLUMNS", "in_columns", "read_file"]
