"""How results look in a notebook: HTML, figures and tables for each class, found by `neurosieve.showing`.

view      what a view is made of, and which class has which
markup    tables and sentences as HTML that follows the notebook's colours
frames    tables as pandas frames
runs      results of a run, and general redundancy
tasks     tasks of a run, their sets, curves and scores
studies   inspection, front, rankings, nested, ablation, bench, models, comparison
general   what the library gives of Section 5: similarities, dendrograms, clusters
probes    what it gives of Section 6: probes of layers, sets; the sieve
compact   predictions, compact models
"""

import pandas as pd
from matplotlib.figure import Figure

from neurosieve.report.notebook import compact, general, probes, runs, studies, tasks
from neurosieve.report.notebook.view import Views, frame_of, html_of, plot_of, title_of

_VIEWS: Views = {
    **runs.VIEWS,
    **tasks.VIEWS,
    **studies.VIEWS,
    **general.VIEWS,
    **probes.VIEWS,
    **compact.VIEWS,
}


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
