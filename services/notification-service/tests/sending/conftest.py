"""A pupil with a family, for those who send to it."""

import pytest

from notification_testing.facts import Pupil
from notification_testing.stand_ins import StandInRegister

from .families import FATHER, MOTHER


@pytest.fixture
def family(absent: Pupil, register: StandInRegister) -> Pupil:
    """A pupil with a mother, who has an e-mail address too, and a father; contact is due now."""
    register.families[absent.enrolment_id].contacts = [MOTHER, FATHER]
    return absent
