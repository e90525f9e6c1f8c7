"""How results show themselves: HTML that carries nothing in from outside, figures that notebooks show, frames."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from neurosieve import showing
from neurosieve.errors import ConfigError
from neurosieve.general import Clusters, LayerSimilarity, cluster
from neurosieve.pieces.predictions import NumberPrediction, Prediction, Predictions, TextPrediction
from neurosieve.report import notebook
from neurosieve.report.notebook.view import Views, view_of
from neurosieve.run.facts import Stage
from neurosieve.run.results import Results
from neurosieve.run.schema import Difference, Scores
from tests.report.records import every_record, renamed
from tests.report.several import several_results
from tests.report.test_page import HOSTILE, Page

RECORDS = every_record()
VIEWED = [name for name, record in RECORDS.items() if type(record) in notebook._VIEWS]
PNG = b"\x89PNG\r\n\x1a\n"


def hostile(record):
    changes = {}
    if isinstance(getattr(record, "task", None), str):
        changes["task"] = HOSTILE
    if isinstance(getattr(record, "tasks", None), dict):
        changes["tasks"] = dict.fromkeys([HOSTILE], next(iter(record.tasks.values())))
    if not isinstance(getattr(record, "model", "x"), str):
        changes["model"] = record.model.model_copy(update={"name": HOSTILE})
    return record.model_copy(update=changes)


@pytest.mark.parametrize("name", RECORDS)
def test_every_record_shows_itself_small_and_escaped(name):
    for record in (RECORDS[name], renamed(RECORDS[name]), hostile(RECORDS[name])):
        html = record._repr_html_()
        assert len(html) < 40_000
        assert not {"script", "img", "link", "iframe", "style"} & set(Page(html).tags)
        assert html == record._repr_html_()


@pytest.mark.parametrize("name", VIEWED)
def test_every_figure_and_frame_that_is_offered_can_be_had(name):
    record = RECORDS[name]
    view = notebook._VIEWS[type(record)]
    for figure in view.figures:
        assert record.plot(figure)._repr_png_().startswith(PNG)
    for table in view.frames:
        assert isinstance(record.frame(table), pd.DataFrame)
    if view.figures:
        assert record.plot() is not None
    for call in (record.plot, record.frame):
        with pytest.raises(ConfigError, match=r"has no (figure|table)( 'nothing'; there are|\.)"):
            call("nothing")


def test_colours_are_the_notebook_s():
    colours = set(re.findall(r"(?:color|background)[^;:]*:([^;\"]+)", several_results()._repr_html_()))
    assert colours <= {"inherit", "transparent"}


def test_a_run_s_frames_hold_its_numbers():
    run = several_results()
    overview = run.frame()
    for name, task in run.tasks.items():
        row = overview.loc[name]
        assert row["oracle"] == task.oracle.test.value
        assert (row["neurons"], row["of"]) == (len(task.sieve.neurons), task.oracle.neurons)
    layers = run.frame("layers", task="chunk")
    assert layers["test"].tolist() == [one.test.value for one in run.tasks["chunk"].layers]
    assert "layer" in layers.attrs["meanings"]
    with pytest.raises(ConfigError, match="This run has no task 'x'; it has chunk"):
        run.frame("layers", task="x")
    with pytest.raises(ConfigError, match="This run has no task 'x'"):
        run.plot("layers", task="x")


def test_parts_of_a_run_show_themselves():
    run = several_results()
    task = run.tasks["chunk"]
    parts = [run.general, task, task.sieve, *task.minimal_set.values(), *task.curves]
    parts += [task.oracle.test, task.sieve.difference]
    for part in parts:
        assert "<table" in part._repr_html_()
    assert len(task.sieve.frame("neurons")) == len(task.sieve.neurons)
    assert task.frame("sets").set_index("set").loc["sieve", "neurons"] == len(task.sieve.neurons)
    curve = task.curves[0]
    assert len(curve.frame()) == len(curve.screened) + len(curve.probed)
    assert run.general.frame("cka").to_numpy().tolist() == run.general.cka
    assert run.general.frame().index.tolist() == [cut.threshold for cut in run.general.cuts]
    for part in (run.general, task, task.sieve, curve):
        assert part.plot()._repr_png_().startswith(PNG)


def test_ipython_prints_one_line():
    class Printer:
        said = ""

        def text(self, text: str) -> None:
            self.said += text

    words = Predictions([Prediction(["a"], ["X"])])
    for record in (*RECORDS.values(), LayerSimilarity(np.eye(2)), cluster(np.eye(3)), words):
        assert "_repr_pretty_" in type(record).__dict__  # else IPython takes the class's own __repr__
        printer = Printer()
        record._repr_pretty_(printer, cycle=False)
        assert 5 < len(printer.said) < 200
        assert "\n" not in printer.said


def test_what_is_not_there_is_said():
    bare = several_results().model_copy(update={"general": None, "tasks": {}})
    with pytest.raises(ConfigError, match="lacks what the figure 'cka' shows"):
        bare.plot("cka")
    with pytest.raises(ConfigError, match="has no task None"):
        bare.plot()
    assert bare.frame().empty
    with pytest.raises(ConfigError, match="Stage has no figure"):
        Stage(name="a", seconds=1.0, peak_memory_mb=2.0).plot()


def test_a_record_without_a_view_shows_its_fields():
    stage = Stage(name=HOSTILE, seconds=1.0, peak_memory_mb=2.0)
    assert "script" not in Page(stage._repr_html_()).tags
    assert stage.frame().iloc[0].to_dict() == {"name": HOSTILE, "seconds": 1.0, "peak_memory_mb": 2.0}


def test_the_nearest_class_above_has_the_view():
    class Mine(Results):
        pass

    views: Views = notebook._VIEWS
    assert view_of(Mine.model_construct(), views) is views[Results]


def test_similarities_and_clusters():
    values = np.array([[1.0, 0.5], [0.5, 1.0]])
    similarity = LayerSimilarity(values)
    assert similarity.frame().to_numpy().tolist() == values.tolist()
    assert similarity.plot().axes
    assert "0.50" in similarity._repr_html_()
    r = np.eye(4)
    r[0, 1] = r[1, 0] = 0.9
    dendrogram = cluster(r)
    assert dendrogram.frame().loc[0.3, ["clusters", "alone", "largest"]].tolist() == [3, 2, 2]
    clusters = dendrogram.cut(0.3)
    assert isinstance(clusters, Clusters)
    assert "3 clusters of 4 neurons at c_t = 0.3" in clusters._repr_html_()
    assert clusters.frame()["cluster"].tolist() == [0, 0, 1, 2]
    for one in (dendrogram, clusters):
        assert one.plot()._repr_png_().startswith(PNG)


def test_predictions_are_a_list_that_shows_itself():
    words = Predictions([Prediction(["a", "b"], ["X", None], [0.9, None])])
    assert words == [Prediction(["a", "b"], ["X", None], [0.9, None])]
    assert "a/X b/–" in words._repr_html_()
    assert words.frame()["label"].tolist()[0] == "X"
    texts = Predictions([TextPrediction((HOSTILE, "b"), "yes")] * 12)
    assert not {"script", "img"} & set(Page(texts._repr_html_()).tags)
    assert "the first 10" in texts._repr_html_()
    assert list(texts.frame().columns) == ["item", "text", "label"]
    numbers = Predictions([NumberPrediction(("a",), 0.25), NumberPrediction(("b",), None)])
    assert "0.250" in numbers._repr_html_()
    assert numbers.frame()["value"].iloc[0] == 0.25
    assert "Predictions for 0 items" in Predictions()._repr_html_()


def test_results_know_no_report():
    source = Path(showing.__file__).read_text(encoding="utf-8")
    assert source.count("neurosieve.report") == 2  # said, and looked up: nothing is imported before somebody asks
    assert showing.VIEWS == "neurosieve.report.notebook"


def test_scores_and_differences():
    assert "0.900 [0.850, 0.950]" in Scores(value=0.9, interval=(0.85, 0.95), n=10)._repr_html_()
    assert "−0.100 [−0.200, 0.000]" in Difference(value=-0.1, interval=(-0.2, 0.0))._repr_html_()
