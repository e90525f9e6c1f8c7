from __future__ import annotations

import json
from pathlib import Path

import pytest

from neurosieve.activations import load_encoder
from neurosieve.compact import CompactModel
from neurosieve.run.shrinking.records import Shrunk
from tests.compact.conftest import build
from tests.tiny_models import make_tiny


@pytest.fixture(scope="module")
def compact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compact")
    build(load_encoder(make_tiny("gpt2", folder / "model"), device="cpu")).save_pretrained(folder / "whole")
    return folder / "whole"


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("The quick fox is lazy.\nIs it?\n", encoding="utf-8")
    return path


def test_everything_at_once_in_sentences(call, compact, text, tmp_path):
    out = tmp_path / "small"
    status, said, err = call(
        "shrink", compact, "--out", out, "--vocabulary", text, "--weights", "int8", "--trim", "--check", text
    )
    assert (status, err) == (0, "")
    for part in ("- Trimmed: 2 of 32 rows", "- Vocabulary: ", "- Weights: stored in 8 bits", "MB for", str(out)):
        assert part in said
    assert CompactModel.from_pretrained(out, device="cpu").encoder.n_pieces < 420


def test_as_json(call, compact, tmp_path):
    status, said, _ = call("shrink", compact, "--out", tmp_path / "small", "--weights", "bfloat16", "--json")
    assert status == 0
    shrunk = Shrunk.model_validate_json(said)
    assert (shrunk.weights, shrunk.vocabulary, shrunk.trimmed) == ("bfloat16", None, [])
    assert json.loads(said)["folder"] == str(tmp_path / "small")


def test_wrong_use(call, compact, tmp_path):
    status, said, err = call("shrink", compact, "--out", tmp_path / "small")
    assert (status, said) == (2, "")
    assert "Give --vocabulary, --weights or --trim, or several of them." in err
    status, said, err = call("shrink", compact, "--out", tmp_path / "small", "--weights", "int4")
    assert (status, said) == (2, "")
    assert "'int4' is not one of 'bfloat16', 'int8'" in err


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--vocabulary", "nowhere.txt"], "There is no file or folder nowhere.txt to read text from."),
        (["--weights", "int8", "--check", "nowhere.txt"], "There is no file or folder nowhere.txt"),
    ],
)
def test_mistakes_end_with_one_line(call, compact, tmp_path, more, message):
    status, said, err = call("shrink", compact, "--out", tmp_path / "small", *more)
    assert (status, said) == (1, "")
    assert err.startswith(f"neurosieve: {message}")
    assert err.count("\n") == 1


def test_what_is_no_compact_model(call, tmp_path):
    status, _, err = call("shrink", tmp_path, "--out", tmp_path / "small", "--weights", "int8")
    assert status == 1
    assert "is no compact model" in err
