"""Two tiny models on one text, against NumPy on their vectors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosieve.activations import load_encoder, word_batches
from neurosieve.corpus import read_text
from neurosieve.errors import ConfigError, CorpusError, MemoryLimitError, ModelError
from neurosieve.run.models.records import RECORD_FILE, ModelsStudy
from neurosieve.run.models.study import compare
from tests.run.conftest import Listener
from tests.run.models.conftest import CHANGED, asked
from tests.tiny_models import BLOCKS, UNITS


def vectors(folder, prose) -> np.ndarray:
    """All words (words × layers × units), NaN where there is no vector."""
    encoder, words = load_encoder(folder, device="cpu"), read_text(prose).words
    out = torch.full((sum(map(len, words)), encoder.n_layers, encoder.n_units), torch.nan)
    for batch in word_batches(encoder, words):
        out[batch.words] = torch.stack(batch.layers, dim=1)
    return out.double().numpy()


def both(first, second, prose) -> tuple[np.ndarray, np.ndarray]:
    x, y = vectors(first, prose), vectors(second, prose)
    keep = ~(np.isnan(x[:, 0, 0]) | np.isnan(y[:, 0, 0]))
    return x[keep], y[keep]


def textbook_cka(x: np.ndarray, y: np.ndarray) -> float:
    x, y = x - x.mean(0), y - y.mean(0)
    return np.linalg.norm(x.T @ y) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def best_r(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(L, H) of y the largest |r| with any unit of x."""
    flat = [side.reshape(len(side), -1) for side in (x, y)]
    standard = [(side - side.mean(0)) / side.std(0) for side in flat]
    return np.abs(standard[0].T @ standard[1] / len(x)).max(axis=0).reshape(y.shape[1:])


def test_words_that_either_model_cannot_represent_are_left_out_for_both(strangers, twins, prose):
    n_words = read_text(prose).n_words
    for study in (strangers, twins):
        assert (study.words, study.left_out) == (n_words - 1, 1)
        assert study.sentences == 61
    assert [one.without_vector for one in (strangers.first, strangers.second)] == [1, 0]
    assert strangers.sources.keys() == {"text.txt"}


@pytest.mark.parametrize("name", ["strangers", "twins"])
def test_numbers_are_those_of_the_vectors(name, request, model, narrow, tuned, prose):
    study: ModelsStudy = request.getfixturevalue(name)
    x, y = both(model, narrow if name == "strangers" else tuned, prose)

    expected = [[textbook_cka(x[:, i], y[:, j]) for j in range(y.shape[1])] for i in range(x.shape[1])]
    assert np.array(study.cka) == pytest.approx(np.array(expected), abs=1e-4)
    turned = np.roll(y, -(len(y) // 2), axis=0)
    by_chance = [[textbook_cka(x[:, i], turned[:, j]) for j in range(y.shape[1])] for i in range(x.shape[1])]
    assert np.array(study.cka_by_chance) == pytest.approx(np.array(by_chance), abs=1e-4)
    for side, (mine, theirs) in zip((study.first, study.second), ((x, y), (y, x)), strict=True):
        near = (best_r(theirs, mine) >= 0.7 - 1e-6).mean(axis=1)
        assert [one.copies for one in side.layers] == pytest.approx(near.tolist())
        assert [one.varying for one in side.layers] == [mine.shape[2]] * mine.shape[1]
    lucky = (best_r(x, turned) >= 0.7).mean(axis=1)
    assert [one.copies_by_chance for one in study.second.layers] == pytest.approx(lucky.tolist())


def test_strangers_of_other_width_and_depth_are_paired_by_likeness(strangers):
    assert [one.facts.units for one in (strangers.first, strangers.second)] == [UNITS, 16]
    assert np.array(strangers.debiased.values).shape == np.array(strangers.cka).shape == (BLOCKS + 1, 3)
    cka = np.array(strangers.cka)
    assert [one.explained_by for one in strangers.second.layers] == cka.argmax(axis=0).tolist()
    assert [one.most_alike for one in strangers.first.layers] == cka.argmax(axis=1).tolist()
    assert not strangers.one_architecture
    assert (strangers.moved, strangers.most_moved, strangers.first_moved) == ([], None, None)
    assert {one.in_place for one in strangers.second.layers} == {None}
    low, values, high = (np.array(getattr(strangers.debiased, name)) for name in ("low", "values", "high"))
    assert ((low <= values) & (values <= high)).all()
    assert all(one.explained_by_chance < one.explained for one in strangers.second.layers)


def test_the_first_layer_that_moves_is_the_block_that_was_changed(twins):
    assert twins.one_architecture
    assert not twins.same_weights
    assert [line.verdict for line in twins.moved[: CHANGED + 1]] == ["stayed"] * (CHANGED + 1)
    assert twins.first_moved == CHANGED + 1
    assert twins.most_moved in (CHANGED + 1, CHANGED + 2)
    assert [one.in_place for one in twins.second.layers[: CHANGED + 1]] == [1.0] * (CHANGED + 1)
    assert twins.second.layers[CHANGED + 1].in_place < 1.0
    assert [one.explained_by for one in twins.second.layers] == list(range(BLOCKS + 1))
    assert twins.second.layers[0].explained > 0.99


def test_a_model_is_itself(model, prose, tmp_path):
    study = compare(asked(prose, tmp_path), f"a={model}", f"b={model}")
    assert study.same_weights
    assert study.first_moved is None
    assert all(one.copies == 1.0 for one in study.second.layers)


def test_sublayers_are_layers_too(model, tuned, prose, tmp_path):
    study = compare(asked(prose, tmp_path, sublayers=("mlp",)), f"a={model}", f"b={tuned}")
    assert study.second.facts.layer_names == ["0", "mlp 1", "1", "mlp 2", "2", "mlp 3", "3"]
    assert study.second.facts.layer_names[study.first_moved] == f"mlp {CHANGED + 1}"


def test_activations_are_kept_and_stages_told(model, tuned, prose, tmp_path):
    heard, settings = Listener(), asked(prose, tmp_path, limit_text_words=80)
    study = compare(settings, f"a={model}", f"b={tuned}", progress=heard)
    assert 80 <= study.words <= 90
    assert len(list((tmp_path / "cache" / "activations").iterdir())) == 2
    assert [name for name in heard.stages if name.startswith("read with")] == ["read with a", "read with b"]
    study.save(tmp_path / RECORD_FILE)
    assert ModelsStudy.load(tmp_path / RECORD_FILE) == study


def test_without_room_for_intervals_all_else_is_there_and_a_note_says_so(model, tuned, prose, tmp_path):
    n = (BLOCKS + 1) * UNITS
    study = compare(asked(prose, tmp_path, memory=8 * 3 * n * n + 1), f"a={model}", f"b={tuned}")
    assert study.debiased is None
    assert "are left out: they take" in study.notes[0]
    assert study.first_moved == CHANGED + 1
    assert {line.interval for line in study.moved} == {None}


def test_one_sentence_has_no_intervals(model, tuned, tmp_path):
    (tmp_path / "one.txt").write_text("the fox is lazy and the dog is quick , is it not ?", encoding="utf-8")
    study = compare(asked(tmp_path / "one.txt", tmp_path), f"a={model}", f"b={tuned}")
    assert study.debiased is None
    assert "two blocks of whole sentences" in study.notes[0]


def test_what_cannot_be_compared_is_refused(model, tuned, prose, tmp_path):
    settings = asked(prose, tmp_path)
    with pytest.raises(ConfigError, match="Both models would be called"):
        compare(settings, str(model), str(model))
    with pytest.raises(ConfigError, match=r"at least 0 and less than 1, not 1\.0"):
        compare(settings, f"a={model}", f"b={tuned}", threshold=1.0)
    with pytest.raises(ModelError, match="There is no folder"):
        compare(settings, f"a={model}", "b=./nowhere")
    with pytest.raises(MemoryLimitError, match="Models of 128 and 128 neurons take"):
        compare(settings.model_copy(update={"memory": 1000}), f"a={model}", f"b={tuned}")
    (tmp_path / "few.txt").write_text("the fox \u200b\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="Of 3 words 2 have a vector in both models; 8 at least"):
        compare(asked(tmp_path / "few.txt", tmp_path), f"a={model}", f"b={tuned}")


def test_the_command(call, model, tuned, prose, tmp_path, twins):
    where = ["--text", prose, "--cache", tmp_path / "cache", "--device", "cpu"]
    both_models = [f"before={model}", f"after={tuned}"]

    done = call("models", *both_models, *where, "--out", tmp_path / "out", "--json")
    assert done.status == 0, done.err
    found = ModelsStudy.model_validate_json(done.out)
    assert (found.cka, found.moved, found.second.layers) == (twins.cka, twins.moved, twins.second.layers)
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"models.json", "models-cka.csv", "models-layers.csv", "models.html"}

    said = call("models", *both_models, *where, "--out", tmp_path / "again", "--threshold", 0.1)
    assert said.status == 0, said.err
    assert "From below, the first layer that moved is layer 2" in said.out
    table = said.out.split("(in brackets: by chance)\n")[1].split("\n\n")[0]
    assert max(map(len, table.splitlines())) <= 80
    assert ModelsStudy.load(tmp_path / "again" / RECORD_FILE).threshold == 0.1


@pytest.mark.parametrize(
    ("label", "options", "status", "message"),
    [
        ("b=", ["--threshold", 1.5], 2, "'--threshold'"),
        ("b=", ["--text", "nowhere.txt"], 1, "nowhere.txt"),
        ("", [], 1, "Both models would be called"),
    ],
)
def test_wrong_use_of_the_command(call, model, tmp_path, label, options, status, message):
    done = call("models", model, f"{label}{model}", "--out", tmp_path / "out", *options)
    assert done.status == status
    assert message in done.err
