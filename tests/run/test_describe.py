from __future__ import annotations

import pytest

from neurosieve.errors import CompactError, ModelError, StoreError
from neurosieve.run.describe import describe
from tests.tiny_models import BLOCKS, UNITS


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
