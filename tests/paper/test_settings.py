from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from neurosieve.paper.settings import FAULTS, ModelSettings, PaperSettings
from neurosieve.run.settings import TaskSettings

TASK = TaskSettings(task="code-roles")


def settings(**more: object) -> PaperSettings:
    return PaperSettings(**{"models": (ModelSettings.of("minilm"),), "out": Path("out")} | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "label", "model"),
    [
        ("minilm", "minilm", "minilm"),
        ("google/bert", "bert", "google/bert"),
        ("/models/xlnet-mini", "xlnet-mini", "/models/xlnet-mini"),
        ("XL=/models/xlnet-mini", "XL", "/models/xlnet-mini"),
        ("a=b=c", "a", "b=c"),
        (".", ".", "."),
    ],
)
def test_a_model_and_what_it_is_called(text, label, model):
    found = ModelSettings.of(text)
    assert (found.label, found.model, found.finetuned) == (label, model, None)


def test_fine_tuned_models_go_by_label():
    folders = {"XL": Path("tuned")}
    assert ModelSettings.of("XL=xlnet", folders).finetuned == Path("tuned")
    assert ModelSettings.of("xlnet", folders).finetuned is None


def test_a_model_without_a_label():
    with pytest.raises(ValidationError, match="label"):
        ModelSettings.of("=minilm")


def test_the_defaults_are_the_paper_s():
    found = settings()
    assert (found.protocol, found.seed, found.aggregation) == ("paper", 7361, "last")
    assert (found.tolerance, found.step_tolerance, found.threshold, found.dev_fraction) == (0.03, 0.01, 0.3, 0.1)
    assert (found.cost_rows, found.as_published, found.exhibits) == (100_000, (), ("all",))


def test_an_exhibit_that_is_not_there():
    with pytest.raises(ValidationError, match="there is no exhibit 'table11'; choose one of all, table1, table2"):
        settings(exhibits=("table1", "table11"))
    assert settings(exhibits=("all", "figure14")).exhibits == ("all", "figure14")


def test_names_are_given_once():
    with pytest.raises(ValidationError, match="the model 'bert' was given twice; each needs a name of its own"):
        settings(models=(ModelSettings.of("a/bert"), ModelSettings.of("b/bert")))
    with pytest.raises(ValidationError, match="the task 'code-roles' was given twice"):
        settings(tasks=(TASK, TASK))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("tolerance", value) for value in (0, 1, -0.1, float("nan"))),
        *(("step_tolerance", value) for value in (0, 1)),
        *(("dev_fraction", value) for value in (0, 1)),
        *(("threshold", value) for value in (-0.1, 1.1)),
        *((name, 0) for name in ("limit_text_words", "limit_test_words", "cost_rows", "rounds", "batch_tokens")),
        *(("seed", value) for value in (-1, 2**32)),
        ("models", ()),
        ("protocol", "other"),
        ("dtype", "float16"),
        ("as_published", ("other",)),
        ("unknown", 1),
    ],
)
def test_values_out_of_range(name, value):
    with pytest.raises(ValidationError, match=name):
        settings(**{name: value})


@pytest.mark.parametrize("threshold", [0, 1])
def test_the_ends_of_the_threshold_are_allowed(threshold):
    assert settings(threshold=threshold).threshold == threshold


def test_levels_are_those_of_the_paper_s_ranking():
    with pytest.raises(ValidationError, match="level-order is a fault of the paper's ranking: it needs the protocol"):
        settings(as_published=("level-order",), protocol="default")


def test_every_fault_can_be_asked_for():
    assert settings(as_published=FAULTS).as_published == FAULTS


def test_the_stages_of_a_run_read_all_that_was_said():
    said = {
        "out": Path("there"),
        "cache": Path("cache"),
        "protocol": "default",
        "tolerance": 0.2,
        "aggregation": "first",
        "batch_tokens": 99,
        "device": "cpu",
        "dtype": "bfloat16",
        "seed": 5,
        "trust_remote_code": True,
    }
    found = settings(**said, step_tolerance=0.07).run_settings("xlnet", TASK)
    assert {name: getattr(found, name) for name in said} == said
    assert (found.model, found.tasks, found.layer_tolerance) == ("xlnet", (TASK,), 0.07)
