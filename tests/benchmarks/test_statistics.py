from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from benchmarks.statistics import __main__ as command
from benchmarks.statistics import coverage, sequence, stability
from benchmarks.statistics.bounds import percentiles, skewed_bounds
from benchmarks.statistics.outcome import Outcome, about, at_most
from benchmarks.statistics.sequence import searched
from benchmarks.statistics.text import Text
from benchmarks.statistics.write import markdown, write_all
from numpy.typing import NDArray
from typer.testing import CliRunner

from neurosieve.metrics import ACCURACY, Gold, difference, lower_bound, skewed_lower_bound


def test_accuracies_are_those_asked_for() -> None:
    text, wanted = Text(20_000), (0.9, 0.95, 0.7)
    hits, words = text.drawn(np.random.default_rng(0), wanted)
    found = hits.sum(axis=0) / words.sum()
    error = (hits - found * words[:, None]).std(axis=0) / words.mean() / np.sqrt(len(words))
    assert (np.abs(found - wanted) < 4 * error).all()
    assert (error < 0.003).all()
    assert (words.min(), words.max()) == (5, 35)


def test_words_of_a_sentence_share_their_luck_and_predictors_their_words() -> None:
    hits, words = Text(5000).drawn(np.random.default_rng(1), (0.9, 0.9, 0.9))
    independent = 0.9 * 0.1 * words.sum()
    assert np.square(hits[:, 0] - 0.9 * words).sum() > 2 * independent
    neighbours, apart = (np.var(hits[:, 0] - hits[:, place]) for place in (1, 2))
    assert neighbours < apart < np.var(hits[:, 0] - 0.9 * words)


@pytest.fixture(scope="module")
def rows() -> tuple[Gold, list[NDArray[np.int64]], NDArray[np.float64], NDArray[np.float64]]:
    """One text word by word, and as the sums that the simulations work on (S × 1 × 2) and (S × 1)."""
    text, rng = Text(50, 8), np.random.default_rng(2)
    lengths = text.lengths(rng)
    right = text.right(rng, lengths, (0.9, 0.88, 0.85))
    gold = Gold(np.ones(lengths.sum(), dtype=np.int64), np.repeat(np.arange(50), lengths), ("wrong", "right"))
    again = np.random.default_rng(2)
    hits, words = text.drawn(again, (0.9, 0.88, 0.85))
    assert words.tolist() == lengths.tolist()
    return gold, list(right.astype(np.int64)), (hits[:, 1:] - 0.97 * hits[:, :1])[:, None], words[:, None]


def test_bounds_of_many_texts_are_the_packages(rows: tuple[Gold, list[NDArray[np.int64]], object, object]) -> None:
    gold, (reference, *candidates), above, words = rows
    boot = percentiles(above, words, [0.05], seed=4)[0, 0]  # type: ignore[arg-type]
    skewed = skewed_bounds(above, words, 0.9)[0]  # type: ignore[arg-type]
    for place, one in enumerate(candidates):
        assert boot[place] == pytest.approx(lower_bound(ACCURACY, gold, one, reference, 0.97, seed=4), abs=1e-12)
        expected = skewed_lower_bound(ACCURACY, gold, one, reference, 0.97, level=0.9)
        assert skewed[place] == pytest.approx(expected, abs=1e-12)


def test_intervals_of_many_texts_are_the_packages() -> None:
    text, rng = Text(30, 6), np.random.default_rng(3)
    lengths = text.lengths(rng)
    first, second = text.right(rng, lengths, (0.8, 0.7)).astype(np.int64)
    groups = np.repeat(np.arange(30), lengths)
    gold = Gold(np.ones(len(groups), dtype=np.int64), groups, ("wrong", "right"))
    above = np.bincount(groups, weights=second - first).reshape(30, 1, 1)
    low, high = percentiles(above, lengths[:, None].astype(float), [0.025, 0.975], seed=1)[:, 0, 0]
    assert difference(ACCURACY, gold, second, first, seed=1)[1:] == pytest.approx((low, high), abs=1e-12)


def test_both_searches() -> None:
    null = np.array([False, True, True])
    bounds = np.array([[1, 1, -1], [1, -1, 1], [-1, 1, 1], [-1, -1, -1], [1, -1, -1], [1, 1, 1]])
    found = searched(bounds, null)
    assert found.fixed.tolist() == [True, False, False, False, False, True]
    assert found.naive.tolist() == [True, True, True, False, False, True]


def test_curves_reach_the_border_where_they_say() -> None:
    for curve in sequence.CURVES.values():
        assert len(curve) == sequence.SIZES
        assert [lost >= 1 for lost in curve].index(True) == sequence.BORDER


def test_what_is_kept() -> None:
    assert Outcome("a", "b", "c", 100, 0.5).kept is None
    assert Outcome("a", "b", "c", 100, 0.5).error == 0.05
    assert Outcome("a", "b", "c", 100, 0.94, *about(0.95)).kept
    assert Outcome("a", "b", "c", 100, 0.92, *about(0.95)).kept is False
    assert Outcome("a", "b", "c", 100, 0.98, *about(0.95)).kept is False
    assert at_most(0.05, 1900) == pytest.approx(0.06)
    assert Outcome("a", "b", "c", 1900, 0.061, high=at_most(0.05, 1900)).kept is False
    assert Outcome("a", "b", "c", 1900, 0.059, high=at_most(0.05, 1900)).kept


def test_tables_and_numbers_are_written(tmp_path: Path) -> None:
    outcomes = [
        Outcome("coverage", "s", "p", 1000, 0.9, *about(0.95)),
        Outcome("false", "s", "p", 1000, 0.05, high=0.06),
        Outcome("false", "s", "q", 1000, 0.2),
    ]
    write_all(outcomes, {"seed": 3}, tmp_path / "new")
    written = json.loads((tmp_path / "new" / "statistics.json").read_text())
    assert written["settings"] == {"seed": 3}
    assert [one["kept"] for one in written["outcomes"]] == [False, True, None]
    assert (tmp_path / "new" / "statistics.md").read_text() == markdown(outcomes)
    lines = markdown(outcomes).splitlines()
    assert lines[2] == "| coverage | s | p | 1,000 | 90.0 ± 0.9 % | 93 to 97 % | **no** |"
    assert lines[3] == "| false | s | p | 1,000 | 5.0 ± 0.7 % | at most 6.0 % | yes |"
    assert lines[4] == "| false | s | q | 1,000 | 20.0 ± 1.3 % |  |  |"
    assert not list((tmp_path / "new").glob("*.partial"))


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, "SETTINGS", [(20, 5, 0.8)])
    monkeypatch.setattr(sequence, "SETTINGS", [(20, 5, 0.8, "plateau")])
    monkeypatch.setattr(stability, "SETS", (5,))
    monkeypatch.setattr(command.cka, "coverages", lambda *_: iter(()))  # these two are tested beside it
    monkeypatch.setattr(command.steps, "false_positives", lambda *_: iter(()))
    app = typer.Typer()
    app.command()(command.main)
    done = CliRunner().invoke(app, ["--simulations", "120", "--out", str(tmp_path), "--seed", "1"])
    outcomes = json.loads((tmp_path / "statistics.json").read_text())["outcomes"]
    assert [one["simulations"] for one in outcomes] == [120] * 6
    assert done.exit_code == int(any(one["kept"] is False for one in outcomes))
    fixed, naive = (one["share"] for one in outcomes[1:3])
    assert fixed < naive
