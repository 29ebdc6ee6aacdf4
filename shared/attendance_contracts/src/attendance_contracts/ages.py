"""Compulsory school age: from when until when a child must attend.

Sources: Education Act 1996, section 8, and the Education (Start of Compulsory School Age) Order
1998 (31 August, 31 December and 31 March); the Education (School Leaving Date) Order 1997.
"""

import datetime as dt
from typing import Final

from attendance_contracts.calendar import school_year

STARTS_AT: Final = 5
ENDS_AT: Final = 16
_PRESCRIBED: Final = ((3, 31), (8, 31), (12, 31))
_FRIDAY: Final = 4


def is_of_compulsory_age(born: dt.date, day: dt.date) -> bool:
    """Whether a child must attend on a day.

    From the prescribed day on or after the fifth birthday, to the last Friday in June of the
    school year in which the child turns 16, both included.
    """
    return _starts_on(born) <= day <= _ends_on(born)


def _starts_on(born: dt.date) -> dt.date:
    fifth = _birthday(born, STARTS_AT)
    days = [dt.date(year, *day) for year in (fifth.year, fifth.year + 1) for day in _PRESCRIBED]
    return next(day for day in days if day >= fifth)


def _ends_on(born: dt.date) -> dt.date:
    last = dt.date(school_year(_birthday(born, ENDS_AT)) + 1, 6, 30)
    return last - dt.timedelta(days=(last.weekday() - _FRIDAY) % 7)


def _birthday(born: dt.date, age: int) -> dt.date:
    """Return a birthday; who is born on 29 February grows older on 1 March."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return dt.date(born.year + age, 3, 1)
