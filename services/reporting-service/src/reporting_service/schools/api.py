"""What every view says of a school's figures: how fresh they are, and if some may be missing."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

FiguresAsOf = Annotated[
    datetime | None, Field(description="when the school's newest register in them was recorded")
]
Incomplete = Annotated[
    bool, Field(description="an event could not be applied; the figures may lack something")
]
