"""What the best ranking must reach beside LCA."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.rankings.bounds import Bound, bounds_of
from benchmarks.rankings.tasks import TASKS, tasks_in
from benchmarks.rankings.write import markdown, write_all

from neurosieve.run.rankings.records import RankingStudy, RankingSummary, SplitFound
from neurosieve.run.schema import Scores
from tests.report.example import example_results

SIZES = {"forward": {0.03: 100, 0.01: 240}, "random": {0.03: 900, 0.01: 1500}}
SIZES |= {"lca": {0.03: 200, 0.01: 400}, "lca_sigma": {0.03: 140, 0.01: 450}}


def line(ranking: str, loss: float, size: int) -> RankingSummary:
    return RankingSummary(
        ranking=ranking,
        tolerance=loss,
        splits=2,
        neurons=size,
        neurons_range=(size - 5, size + 5),
        reached=1 if ranking == "random" else 2,
        dev=0.9,
        test=0.9,
        difference=-0.012,
        difference_range=(-0.013, -0.011),
    )


@pytest.fixture
def study() -> RankingStudy:
    run = example_results()
    scores = [Scores(value=value, n=9) for value in (0.90, 0.91)]
    oracle = [
        SplitFound(split=i, oracle_dev=0.93, oracle_test=one, sizes=[], seconds=1) for i, one in enumerate(scores)
    ]
    return RankingStudy(
        command="",
        environment=run.environment,
        model=run.model,
        corpus="conll2000",
        task="pos",
        metric="accuracy",
        settings={},
        rankings=dict.fromkeys(SIZES, "what"),
        tolerances=[0.03, 0.01],
        splits=oracle,
        summary=[line(name, loss, size) for name, sizes in SIZES.items() for loss, size in sizes.items()],
    )


def test_the_best_is_set_beside_published_lca_and_the_best_variant_at_each_tolerance(study: RankingStudy) -> None:
    found = bounds_of("pos", study, ["random", "forward", "ridge"])
    assert [(one.tolerance, one.best, one.beside, one.share, one.limit, one.kept) for one in found] == [
        (0.03, "forward", "lca", 0.5, 0.55, True),
        (0.03, "forward", "lca_sigma", pytest.approx(100 / 140), 0.7, False),
        (0.01, "forward", "lca", 0.6, 0.55, False),
        (0.01, "forward", "lca", 0.6, 0.7, True),
    ]


def test_a_share_at_the_limit_is_kept() -> None:
    assert Bound("pos", 0.03, "forward", 55, "lca", 100, 0.55, 0.55).kept


def test_the_page_has_every_ranking_and_task_and_every_bound(study: RankingStudy, tmp_path: Path) -> None:
    bounds = bounds_of("pos", study, ["forward"])
    page = markdown({"pos": study, "chunk": study}, bounds)
    assert "| pos | conll2000 | accuracy | 2 | 0.9050 | 0.9000 to 0.9100 |" in page
    assert "Neurons for 97 % of the oracle" in page
    assert page.index("97 %") < page.index("99 %")
    (row,) = [row for row in page.splitlines() if "900; 895–905" in row]
    assert row.count("900; 895–905 (1 of 2 splits)") == 2
    assert page.count("| 1.2 |") == 8
    assert page.count("**no**") == 2
    assert write_all({"pos": study}, bounds, tmp_path).read_text(encoding="utf-8").startswith("| task | corpus")
    assert [path.name for path in tmp_path.iterdir()] == ["rankings.md"]


def test_tasks_are_those_whose_corpora_are_there(tmp_path: Path) -> None:
    (tmp_path / "conll2000").mkdir()
    assert [one.name for one in tasks_in(tmp_path)] == ["pos", "chunk"]
    assert [one.name for one in tasks_in(tmp_path, ("chunk",))] == ["chunk"]
    assert {one.name for one in TASKS if one.judged} == {"pos", "chunk"}
    with pytest.raises(ValueError, match="There is no task 'ner'; there are pos, chunk, "):
        tasks_in(tmp_path, ("ner",))
    with pytest.raises(ValueError, match="holds the corpus of none of the tasks asked"):
        tasks_in(tmp_path, ("sst2",))
