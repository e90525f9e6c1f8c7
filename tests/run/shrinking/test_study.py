from __future__ import annotations

import json

import pytest
import torch

from neurosieve.activations import load_encoder
from neurosieve.compact import CompactModel
from neurosieve.compact.card import LOADS
from neurosieve.compact.cost import megabytes_of
from neurosieve.errors import CompactError, ConfigError, CorpusError
from neurosieve.run.shrinking.records import Shrunk
from neurosieve.run.shrinking.study import Steps, shrink
from neurosieve.run.shrinking.wording import shrunk_sentences
from tests.compact.conftest import KIND_NEURONS, build, of_kind
from tests.run.conftest import Listener
from tests.run.small import sentences
from tests.tiny_models import make_tiny


@pytest.fixture(scope="module")
def source(done):
    return done.out / "compact"


@pytest.fixture(scope="module")
def small(source, data, tmp_path_factory):
    out = tmp_path_factory.mktemp("small") / "compact"
    text = out.parent / "text.txt"
    text.write_text("The fox, so lazy.\n\nA qwerty dog?\n", encoding="utf-8")
    return out, shrink(source, out, Steps(data, "int8", check=(data, text)), device="cpu")


def test_what_is_written_is_smaller_and_says_the_same_on_the_text(small, source, data):
    out, shrunk = small
    model, original = (CompactModel.from_pretrained(folder, device="cpu") for folder in (out, source))
    assert shrunk.after.parameters == model.n_parameters < original.n_parameters == shrunk.before.parameters
    assert shrunk.after.megabytes < shrunk.before.megabytes == megabytes_of(source)
    assert shrunk.vocabulary is not None
    assert shrunk.vocabulary.text == f"train and dev of {data.name}"
    assert shrunk.vocabulary.after == model.encoder.n_pieces < shrunk.vocabulary.before == original.encoder.n_pieces
    learned, held_out, lines = shrunk.agreed
    assert learned.rows == sum(map(len, sentences(70, 1)))
    assert held_out.rows == sum(map(len, sentences(25, 2)))
    assert lines.rows == 10
    assert {one.task for one in shrunk.agreed} == {"pos"}
    assert min(learned.share, held_out.share) > 0.9


def test_scores_are_those_of_both_models(small, source):
    out, shrunk = small
    rows = sentences(25, 2)
    words = [[word for word, _, _ in one] for one in rows]
    tags = [tag for one in rows for _, tag, _ in one]
    for folder, scores in ((out, shrunk.lost[1].smaller), (source, shrunk.lost[1].original)):
        said = [
            label for one in CompactModel.from_pretrained(folder, device="cpu").predict(words) for label in one.labels
        ]
        assert scores.value == sum(a == b for a, b in zip(said, tags, strict=True)) / len(tags)
    assert shrunk.lost[1].difference.value == pytest.approx(
        shrunk.lost[1].smaller.value - shrunk.lost[1].original.value
    )


def test_the_card_says_what_was_done_below_what_it_said(small, source):
    out, shrunk = small
    before, after = ((folder / "README.md").read_text(encoding="utf-8") for folder in (source, out))
    assert LOADS in before
    assert after.startswith(before.rstrip().replace(LOADS, "Plain `AutoModel` does not load it any more; see below."))
    section = after[after.index("## Made smaller") :]
    assert all(f"- {sentence}\n" in section for sentence in shrunk_sentences(shrunk))
    assert "Plain `AutoModel` cannot load this encoder" in section


def test_the_record_is_json(small):
    assert Shrunk.model_validate_json(small[1].model_dump_json()) == small[1]
    assert json.loads(small[1].model_dump_json())["weights"] == "int8"


def test_the_source_stays(source, data, tmp_path):
    before = {path.name: path.read_bytes() for path in source.iterdir()}
    heard = Listener()
    shrink(source, tmp_path / "small", Steps(weights="bfloat16"), device="cpu", progress=heard)
    assert {path.name: path.read_bytes() for path in source.iterdir()} == before
    assert heard.stages == ["load model", "read text", "make smaller", "compare"]


def test_without_text_nothing_is_compared(source, tmp_path):
    shrunk = shrink(source, tmp_path / "small", Steps(weights="bfloat16"), device="cpu")
    assert (shrunk.agreed, shrunk.lost, shrunk.vocabulary) == ([], [], None)
    assert len(shrunk_sentences(shrunk)) == 2


def test_a_vocabulary_alone_says_the_same(source, data, tmp_path):
    shrunk = shrink(source, tmp_path / "small", Steps(data), device="cpu")
    assert shrunk.agreed[0].share == 1
    assert shrunk.agreed[0].largest == 0
    assert shrunk.lost[0].difference.value == 0
    assert any(one.endswith(", all of them.") for one in shrunk_sentences(shrunk))


def test_trimmed_rows_are_told(tmp_path):
    encoder = load_encoder(make_tiny("llama", tmp_path / "llama"), device="cpu")
    build(encoder).save_pretrained(tmp_path / "whole")
    shrunk = shrink(tmp_path / "whole", tmp_path / "small", Steps(trim=True), device="cpu")
    assert [(one.path, one.before, one.after) for one in shrunk.trimmed] == [("layers.1.mlp.down_proj", 32, 2)]
    assert "Trimmed: 2 of 32 rows of layers.1.mlp.down_proj are left" in shrunk_sentences(shrunk)[0]
    assert (tmp_path / "small" / "README.md").read_text(encoding="utf-8").startswith("## Made smaller")


def test_models_with_heads_of_both_kinds_read_both(model, tmp_path):
    encoder = load_encoder(model, device="cpu")
    several = CompactModel.join({f"a {kind}": of_kind(encoder, kind) for kind in KIND_NEURONS})
    several.save_pretrained(tmp_path / "whole")
    text = tmp_path / "text.txt"
    text.write_text("The fox is lazy.\nA dog\tor two\n", encoding="utf-8")
    shrunk = shrink(tmp_path / "whole", tmp_path / "small", Steps(text, check=(text,)), device="cpu")
    assert [(one.task, one.unit, one.rows, one.share) for one in shrunk.agreed] == 2 * [
        ("a labelling", "words", 9, 1.0),
        ("a classification", "texts", 2, 1.0),
        ("a regression", "texts", 2, 1.0),
    ]


def test_mistakes_are_told_before_anything_is_done(source, tmp_path):
    out = tmp_path / "small"
    with pytest.raises(ConfigError, match="Nothing is to get smaller"):
        shrink(source, out, Steps())
    with pytest.raises(ConfigError, match="is the model itself, which is left as it is; choose another folder"):
        shrink(source, source, Steps(weights="int8"))
    with pytest.raises(ConfigError, match=r"There is no file or folder .*nothing to read text from"):
        shrink(source, out, Steps(tmp_path / "nothing"))
    with pytest.raises(CompactError, match="a norm reads all units"):
        shrink(source, out, Steps(trim=True), device="cpu")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "diary.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(CompactError, match=r"holds something else than a compact model \(diary\.txt\)"):
        shrink(source, tmp_path / "foreign", Steps(weights="int8"))
    (tmp_path / "empty.txt").write_text("\n \n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"empty\.txt holds no text; give a file with a sentence a line"):
        shrink(source, out, Steps(tmp_path / "empty.txt"), device="cpu")
    assert not out.exists()


def test_in_the_right_precision_it_is_equal_after_loading(small, source):
    out, _ = small
    words = [["the", "fox", "is", "qwerty"]]
    first, second = (CompactModel.from_pretrained(out, device="cpu").scores(words) for _ in range(2))
    assert torch.equal(first, second)
