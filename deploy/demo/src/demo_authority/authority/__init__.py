"""A generated local authority: schools, families and every mark, from published figures."""
