"""How results look in a notebook: HTML, figures and tables for each class, found by `neurosieve.showing`.

view      what a view is made of, and which class has which
markup    tables and sentences as HTML that follows the notebook's colours
frames    tables as pandas frames
runs      results of a run, their tasks, sets and curves
studies   inspection, front, rankings, nested, ablation, bench, models, comparison
library   what the library gives: similarities, clusters, probes, sets, predictions, compact models
"""

import pandas as pd
from matplotlib.figure import Figure

from neurosieve.report.notebook import library, runs, studies
from neurosieve.report.notebook.view import Views, frame_of, html_of, plot_of, title_of

_VIEWS: Views = {**runs.VIEWS, **studies.VIEWS, **library.VIEWS}


def html(value: object) -> str:
    """What a notebook shows of a result."""
    return html_of(value, _VIEWS)


def title(value: object) -> str:
    """One line, for IPython in a terminal."""
    return title_of(value, _VIEWS)


def plot(value: object, figure: str | None = None, **options: object) -> Figure:
    """See `neurosieve.showing.Shown.plot`."""
    return plot_of(value, _VIEWS, figure, options)


def frame(value: object, table: str | None = None, **options: object) -> pd.DataFrame:
    """See `neurosieve.showing.Shown.frame`."""
    return frame_of(value, _VIEWS, table, options)
