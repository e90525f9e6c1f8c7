"""Tables of the report as pandas frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from neurosieve.report.tables.base import Table


def as_frame(table: Table) -> pd.DataFrame:
    """A column for each of the table's; ``attrs`` holds what each means."""
    made = pd.DataFrame(list(table.rows), columns=list(table.columns))
    made.attrs["meanings"] = dict(table.columns)
    return made


def framed(make: Callable[[Any], Table]) -> Callable[[Any], pd.DataFrame]:
    """What makes a frame where ``make`` makes a table."""
    return lambda value: as_frame(make(value))
