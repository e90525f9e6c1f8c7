from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from neurosieve.run.judging import layer_tolerance, sieve_settings
from neurosieve.run.settings import RunSettings
from neurosieve.sieve import SieveSettings


def made(**given: object) -> RunSettings:
    return RunSettings(**{"data": "d", "out": "o"} | given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"tolerance": 0},
        {"tolerance": 1.0},
        {"layer_tolerance": -0.1},
        {"threshold": 1.5},
        {"confidence": 0.5},
        {"seed": -1},
        {"seed": 2**63},
        {"limit_train_words": 0},
        {"batch_tokens": 0},
        {"protocol": "papers"},
        {"aggregation": "middle"},
        {"moment_products": "float16"},
        {"columns": (1, 2, 3, 4)},
        {"colums": (1, 2)},
    ],
)
def test_wrong_values_are_refused_by_name(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        made(**wrong)


def test_a_corpus_has_to_be_named():
    for given in ({"data": None}, {"data": None, "train": "a"}, {"data": None, "test": "a"}):
        with pytest.raises(ValidationError, match="give --data FOLDER, or both --train FILE and --test FILE"):
            made(**given)
    assert made(data=None, train="a", test="b").tasks[0].data is None
    assert made(data=None, task="code-roles").tasks[0].task == "code-roles"


def test_settings_are_values():
    one = made(tolerance=0.05)
    with pytest.raises(ValidationError, match="frozen"):
        one.tolerance = 0.1  # type: ignore[misc]
    assert RunSettings.model_validate_json(one.model_dump_json()) == one


def test_where_activations_are_kept(monkeypatch, tmp_path):
    for name in ("NEUROSIEVE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert made().cache_folder == tmp_path / ".cache" / "neurosieve"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert made().cache_folder == tmp_path / "xdg" / "neurosieve"
    monkeypatch.setenv("NEUROSIEVE_CACHE", str(tmp_path / "mine"))
    assert made().cache_folder == tmp_path / "mine"
    assert made(cache="here").cache_folder == Path("here")


def test_the_sieve_of_a_run():
    assert sieve_settings(made(seed=3)) == SieveSettings(seed=3)
    assert sieve_settings(made(confidence=None)).confidence is None
    assert sieve_settings(made(threshold=0.4)).thresholds == (0.4, None)
    assert sieve_settings(made(threshold=0.0)).thresholds == (None, None)
    assert sieve_settings(made(ranking="lca", neuron_tolerance=0.02)) == SieveSettings(
        seed=7361, ranking="lca", neuron_tolerance=0.02
    )


def test_the_paper_s_sieve_with_what_the_user_set_on_top():
    assert sieve_settings(made(protocol="paper", seed=3)) == SieveSettings.paper(3)
    mine = sieve_settings(made(protocol="paper", layer_tolerance=0.02, reference="oracle", representative="medoid"))
    assert (mine.layer_tolerance, mine.neuron_tolerance) == (0.02, 0.01)
    assert (mine.reference, mine.representative, mine.confidence) == ("oracle", "medoid", None)
    assert not sieve_settings(made(protocol="paper")).judge_clusters
    assert sieve_settings(made(protocol="paper", cluster_tolerance=0.01)).judge_clusters


def test_layers_are_judged_by_the_paper_s_1_percent_unless_asked():
    assert layer_tolerance(made()) == 0.01
    assert layer_tolerance(made(layer_tolerance=0.0)) == 0.0
