from __future__ import annotations

import json

import pytest

from neurosieve.errors import CompactError, ModelError, NeurosieveError, StoreError
from neurosieve.run.describe import describe
from tests.tiny_models import BLOCKS, UNITS


def test_a_run(done):
    facts, lines = describe(str(done.out))
    assert facts == json.loads((done.out / "results.json").read_text(encoding="utf-8"))
    kept = len(done.results.tasks["pos"].sieve.neurons)
    assert any(line.endswith(f"with {kept:,} neurons") for line in lines)


def test_a_run_without_stages_and_tasks(done, tmp_path):
    done.results.model_copy(update={"stages": [], "tasks": {}}).save(tmp_path / "results.json")
    assert describe(str(tmp_path))[1][-1] == "  0 s, 0 MB at most"


def test_a_compact_model(done):
    facts, lines = describe(str(done.out / "compact"))
    assert facts["tasks"]["pos"]["classes"] == [".", "DT", "JJ", "NN", "VB"]
    assert lines[1].startswith("  pos (labelling, last sub-word): ")
    assert lines[0] == "Compact model of the family bert"


def test_a_store(done):
    folders = sorted((done.settings.cache_folder / "activations").iterdir())
    words = {describe(str(folder))[0]["words"] for folder in folders}
    assert {split.words for split in done.results.tasks["pos"].corpus.splits.values()} <= words
    facts, lines = describe(str(folders[0]))
    assert (facts["layers"], facts["units"]) == (BLOCKS + 1, UNITS)
    assert lines[0] == f"Activations of {facts['words']:,} words: {BLOCKS + 1} layers × {UNITS} units"


def test_a_model(model):
    facts, lines = describe(str(model))
    assert facts["neurons"] == (BLOCKS + 1) * UNITS
    assert "family bert" in lines[0]


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("results.json", b"{}", NeurosieveError, r"results\.json is damaged or of another version: .*created"),
        ("results.json", b"{", NeurosieveError, r"results\.json is damaged"),
        ("results.json", b"\xff\xfe", NeurosieveError, r"results\.json is damaged"),
        ("compact.json", b"{}", CompactError, r"compact\.json is damaged or of another format"),
        ("compact.json", b"\xff\xfe", CompactError, r"compact\.json is damaged or of another format"),
        ("manifest.json", b"{", StoreError, r"manifest\.json is damaged"),
    ],
)
def test_what_is_damaged_is_named(tmp_path, name, content, error, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=message):
        describe(str(tmp_path))


def test_nonsense(tmp_path):
    with pytest.raises(ModelError, match="There is no folder"):
        describe(str(tmp_path / "nothing"))
    with pytest.raises(ModelError, match="cannot be loaded"):
        describe(str(tmp_path))
