"""The study on a small run: what is ablated, what it is compared with, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from neurosieve import task_specific as ts
from neurosieve.activations import ablated, cosines, language_model_losses, load_language_model, pooled
from neurosieve.errors import ConfigError, ModelError
from neurosieve.run.ablation import study as module
from neurosieve.run.ablation.records import AblationStudy
from neurosieve.run.ablation.study import study_ablation
from neurosieve.run.pipeline import run
from neurosieve.run.reopen import reopen
from tests.run.ablation.conftest import SIZES
from tests.run.small import settings, write_sst2
from tests.tiny_models import UNITS, make_tiny


def find(study: AblationStudy, chosen: str, did: str, neurons: int):
    (one,) = [one for one in study.sets if (one.chosen, one.did, one.neurons) == (chosen, did, neurons)]
    return one


@pytest.fixture(scope="module")
def parts(studied):
    """What the study was made of: data, forward order, means, and the texts that it read."""
    opened = studied.opened
    prepared = opened.prepared("pos")
    chosen = np.sort(np.random.default_rng(opened.settings.seed).choice(len(prepared.items), 12, replace=False))
    texts = [" ".join(prepared.items[place]) for place in chosen]
    data = prepared.data
    return data, ts.forward_selection(data.moments), data.moments.mean.float(), texts


def test_sizes_are_those_asked_and_the_sieve_s_own(studied):
    study, kept = studied.study, len(studied.opened.kept("pos"))
    assert sorted({one.neurons for one in study.sets}) == sorted({*SIZES, kept})
    assert {(one.chosen, one.did) for one in study.sets if one.neurons == kept} == {
        (chosen, did) for chosen in ("forward", "random", "sieve") for did in ("kept", "ablated")
    }
    assert {one.chosen for one in study.sets if one.neurons != kept} == {"forward", "random"}
    everything = study.model.neurons
    assert all(one.held == (one.neurons if one.did == "ablated" else everything - one.neurons) for one in study.sets)


def test_outputs_are_cosines_with_the_intact_model_s_vectors(studied, parts):
    encoder, (_, order, means, texts) = studied.opened.encoder, parts
    before = pooled(encoder, texts)
    gone = {("forward", "kept"): order[8:], ("forward", "ablated"): order[:8]}
    for (chosen, did), columns in gone.items():
        with ablated(encoder, columns, means[torch.from_numpy(columns)]):
            expected = cosines(before, pooled(encoder, texts))
        one = find(studied.study, chosen, did, 8)
        assert one.output.value == pytest.approx(expected.mean(), abs=1e-6)
        assert one.change.value == pytest.approx(expected.mean() - 1, abs=1e-6)
        assert one.change.interval[0] <= one.change.value <= one.change.interval[1]
    output = studied.study.output
    assert (output.kind, output.pooling, output.texts, output.pieces, output.head) == ("cosine", "mean", 12, None, None)
    assert output.intact.value == pytest.approx(1.0, abs=1e-6)
    everything = np.arange(encoder.grid.size)
    with ablated(encoder, everything, means):
        expected = cosines(before, pooled(encoder, texts))
    assert output.nothing_kept.value == pytest.approx(expected.mean(), abs=1e-6)
    assert output.unrelated.value == pytest.approx(cosines(before, before.roll(6, 0)).mean(), abs=1e-6)


def test_chance_is_the_mean_of_draws_and_differences_are_to_it(studied, parts):
    encoder, (data, _, means, texts) = studied.opened.encoder, parts
    before, seed = pooled(encoder, texts), studied.opened.settings.seed
    drawn = []
    for draw in (1, 2):
        order = ts.constants_last(ts.random_order(encoder.grid.size, seed + draw), data.moments)
        with ablated(encoder, order[40:], means[torch.from_numpy(order[40:])]):
            drawn.append(cosines(before, pooled(encoder, texts)).mean())
    chance, best = (find(studied.study, chosen, "kept", 40) for chosen in ("random", "forward"))
    assert chance.output.value == pytest.approx(np.mean(drawn), abs=1e-6)
    assert chance.output.draws == pytest.approx((min(drawn), max(drawn)), abs=1e-6)
    assert chance.against_random is None
    assert best.against_random.value == pytest.approx(best.output.value - chance.output.value, abs=1e-9)


def test_probes_read_what_is_kept(studied, parts):
    data, order, _, _ = parts
    study, oracle = studied.study, data.fit_all()
    assert study.oracle.value == oracle.test
    rest = data.select(order[8:]).fit_all()
    without = find(study, "forward", "ablated", 8)
    assert without.probe.value == rest.test
    assert without.probe_difference.value == pytest.approx(rest.test - oracle.test, abs=1e-9)
    assert find(study, "forward", "kept", 40).probe.value == pytest.approx(
        data.select(order[:40]).fit_all().test, abs=0.02
    )
    assert find(study, "random", "kept", 40).probe.draws is not None
    assert find(study, "random", "ablated", 40).probe is None


def test_the_sieve_s_own_set_has_the_run_s_score(studied):
    sieve = studied.opened.results.tasks["pos"].sieve
    one = find(studied.study, "sieve", "kept", len(sieve.neurons))
    assert (one.probe.value, one.probe.interval, one.probe_difference) == (
        *(sieve.test.value, sieve.test.interval),
        sieve.difference,
    )


def test_stages_are_told_and_the_record_comes_back(studied, tmp_path):
    for stage in ("load model", "oracle", "ranking", "probes of the best neurons", "ablate"):
        assert stage in studied.stages
    studied.study.save(tmp_path / "ablation.json")
    assert AblationStudy.load(tmp_path / "ablation.json") == studied.study


def test_inside_no_layer_is_cut_and_the_last_is_left_alone(studied, parts):
    encoder, (_, order, means, texts) = studied.opened.encoder, parts
    study = study_ablation(studied.opened, sizes=[8], limit_texts=12, draws=1, where="inside")
    layer_of, last = np.arange(encoder.grid.size) // UNITS, encoder.grid.layers - 1
    reached = np.isin(layer_of, order[:8] // UNITS) & (layer_of < last)
    gone = np.setdiff1d(np.flatnonzero(reached), order[:8])
    before = pooled(encoder, texts)
    with ablated(encoder, gone, means[torch.from_numpy(gone)]):
        expected = cosines(before, pooled(encoder, texts)).mean()
    one = find(study, "forward", "kept", 8)
    assert one.output.value == pytest.approx(expected, abs=1e-6)
    assert (one.held, one.cut) == (len(gone), [])
    assert find(study, "random", "kept", 8).held == len(gone), "chance has as many of each layer"
    below = np.flatnonzero(layer_of < last)
    with ablated(encoder, below, means[torch.from_numpy(below)]):
        expected = cosines(before, pooled(encoder, texts)).mean()
    assert study.output.nothing_kept.value == pytest.approx(expected, abs=1e-6)
    size = len(studied.opened.kept("pos"))
    sieved, chance = (find(study, chosen, "kept", size) for chosen in ("sieve", "random_like_sieve"))
    assert sieved.held == chance.held
    assert sieved.against_random.value == pytest.approx(sieved.output.value - chance.output.value, abs=1e-9)
    assert chance.probe is not None


def test_layers_of_which_nothing_is_kept_are_said_to_be_cut(studied, parts):
    _, order, _, _ = parts
    kept = set((order[:8] // UNITS).tolist())
    one = find(studied.study, "forward", "kept", 8)
    assert one.cut == [layer for layer in range(studied.opened.encoder.grid.layers) if layer not in kept]
    assert find(studied.study, "forward", "ablated", 8).cut == []


def test_a_model_with_a_head_is_asked_for_its_loss(with_head):
    study = study_ablation(with_head, by="zero", limit_texts=10, draws=1, sizes=[30])
    model = load_language_model(with_head.settings.model, device="cpu")
    prepared = with_head.prepared("pos")
    chosen = np.sort(np.random.default_rng(with_head.settings.seed).choice(len(prepared.items), 10, replace=False))
    texts = [" ".join(prepared.items[place]) for place in chosen]
    order = ts.forward_selection(prepared.data.moments)

    intact = language_model_losses(model, texts)
    with ablated(model.encoder, order[:30], torch.zeros(30)):
        after = language_model_losses(model, texts)

    output, one = study.output, find(study, "forward", "ablated", 30)
    assert (output.kind, output.head, output.pooling, output.unrelated) == ("loss", "causal", None, None)
    assert output.pieces == intact.pieces.sum()
    assert output.intact.value == pytest.approx(intact.mean, rel=1e-6)
    assert one.output.value == pytest.approx(after.mean, rel=1e-6)
    assert one.change.value == pytest.approx(after.mean - intact.mean, abs=1e-6)
    assert {one.chosen for one in study.sets} == {"forward", "random"}, "the run made no sieve"


def test_without_sizes_they_are_halves_of_all_neurons():
    assert module._sizes([], 2688) == [10, 21, 42, 84, 168, 336, 672, 1344]
    assert module._sizes([], 3) == [1]
    assert module._sizes([40, 8, 8], 128) == [8, 40]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sizes": [0]}, "Sizes of sets lie between 1 and 127"),
        ({"sizes": [128]}, "all neurons but one; 128 does not"),
        ({"limit_texts": 1}, "two texts and one draw at least, not 1 and 3"),
        ({"draws": 0}, "not 200 and 0"),
        ({"task": "chunk"}, "has no task 'chunk'"),
    ],
)
def test_what_cannot_be_asked_is_refused(studied, given, message):
    with pytest.raises(ConfigError, match=message):
        study_ablation(studied.opened, **given)


@pytest.mark.parametrize(("family", "more"), [("albert", {}), ("bert", {"sublayers": ("mlp",)})])
def test_models_that_cannot_be_ablated_are_refused_before_anything_is_read(family, more, data, tmp_path, monkeypatch):
    asked = settings(make_tiny(family, tmp_path / "model"), data, tmp_path / "out", **more)
    run(asked, compact=False)
    opened = reopen(tmp_path / "out")
    monkeypatch.setattr(type(opened), "prepared", lambda *_: pytest.fail("the corpus was read"))
    with pytest.raises(ModelError, match=r"share one module|encoder without sublayers"):
        study_ablation(opened)


def test_a_task_on_texts_by_their_classification_token(model, tmp_path):
    asked = settings(model, write_sst2(tmp_path / "SST-2", 80, 30), tmp_path / "out", task="sst2", pooling="cls")
    run(asked, compact=False)
    study = study_ablation(reopen(tmp_path / "out"), sizes=[20], limit_texts=10, draws=1)
    assert (study.row, study.output.pooling, study.output.texts) == ("text", "cls", 10)
    assert find(study, "forward", "kept", 20).output.value < 0.999


def test_the_command(call, studied, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    folder = studied.opened.folder
    options = ["--sizes", "8,40", "--limit-texts", 12, "--draws", 2]

    as_json = call("ablate", folder, *options, "--json")
    assert as_json.status == 0, as_json.err
    found = AblationStudy.model_validate_json(as_json.out)
    assert found.sets == studied.study.sets
    assert json.loads((folder / "ablation.json").read_text())["sets"] == json.loads(as_json.out)["sets"]
    assert {path.name for path in folder.glob("ablation.*")} == {"ablation.json", "ablation.csv", "ablation.html"}

    said = call("ablate", folder, *options, "--by", "zero", "--out", folder / "zero")
    assert said.status == 0, said.err
    assert "A probe of pos on" in said.out
    assert f"Page: {folder / 'zero' / 'ablation.html'}" in said.out
    assert max(len(line) for line in said.out.splitlines() if not line.startswith(("Page", "Numbers"))) <= 80
    assert AblationStudy.load(folder / "zero" / "ablation.json").by == "zero"


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        (["--sizes", "8,x"], 2, "--sizes takes numbers of neurons such as 50,100,200"),
        (["--sizes", "9999"], 1, "Sizes of sets lie between 1 and 127"),
        (["--task", "ner"], 1, "has no task 'ner'"),
    ],
)
def test_wrong_use_of_the_command(call, studied, options, status, message):
    done = call("ablate", studied.opened.folder, *options)
    assert done.status == status
    assert message in done.err


def test_a_folder_that_is_no_run(call, tmp_path):
    done = call("ablate", tmp_path)
    assert done.status == 1
    assert "is no folder of a run" in done.err
