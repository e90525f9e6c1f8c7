"""What XLNet and BERT are: streams, memory, padding, segments and masks of XLNet; case, accents and sub-words of all.

The reference is the library called by hand, one text at a time, with the tokenizer's own encoding.
"""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import PreTrainedTokenizerFast, XLNetModel

from neurosieve.activations import Encoder, encoder_from_model, load_encoder, text_batches
from neurosieve.activations.texts import plan_texts
from neurosieve.corpus import read_columns
from tests.activations.conftest import assert_close, vectors
from tests.tiny_models import BLOCKS, BYTE_BPE, FAMILIES, UNIGRAM, WORDPIECE, make_tokenizer

TEXT = "The unbelievable fox isn't lazy ."
TEXTS = [TEXT, "fox", "a quick dog jumps over the fox , is it not ?"]
SENTENCES = [text.split() for text in TEXTS]
PAIR = ("The quick fox", "so it is ?")


@pytest.fixture
def xlnet(load) -> Encoder:
    return load("xlnet")


def by_hand(model, **inputs) -> Tensor:
    """All hidden states of one row without memory: (pieces × layers × units)."""
    with torch.inference_mode():
        output = model(**inputs, use_mems=False, output_hidden_states=True)
    assert len(output.hidden_states) == model.config.num_hidden_layers + 1
    return torch.stack([state[0] for state in output.hidden_states], dim=1)


def text_vectors(encoder: Encoder, texts, **options) -> Tensor:
    """One vector per text: (texts × layers × units)."""
    out = torch.full((len(texts), encoder.n_layers, encoder.n_units), torch.nan)
    for batch in text_batches(encoder, texts, **options):
        out[batch.words] = torch.stack(batch.layers, dim=1)
    return out


def variant(encoder: Encoder, **changes) -> XLNetModel:
    """The same weights under another config."""
    config = type(encoder.model.config)(**(encoder.model.config.to_dict() | changes))
    model = XLNetModel(config).eval()
    model.load_state_dict(encoder.model.state_dict())
    return model


def encoder_of(model, encoder: Encoder) -> Encoder:
    return encoder_from_model(model, encoder.tokenizer, name="variant", device="cpu")


def test_only_the_content_stream_is_computed(xlnet):
    seen = []
    hooks = [layer.register_forward_pre_hook(lambda _, given: seen.append(given)) for layer in xlnet.model.layer]
    vectors(xlnet, SENTENCES, batch_tokens=1)
    for hook in hooks:
        hook.remove()
    assert len(seen) == BLOCKS * len(SENTENCES)
    assert all(isinstance(content, Tensor) and query is None for content, query, *_ in seen)


def test_the_query_stream_of_the_library_is_another_one(xlnet):
    inputs = xlnet.tokenizer(TEXT, return_tensors="pt")
    length = inputs["input_ids"].shape[1]
    with torch.inference_mode():
        both = xlnet.model(**inputs, target_mapping=torch.eye(length)[None], output_hidden_states=True).hidden_states
    content, query = (torch.stack([state[0] for state in both[start::2]], dim=1) for start in (0, 1))
    found = torch.stack(xlnet.hidden_states(**inputs, layers=range(4)), dim=2)[0]
    assert_close(found, content)
    assert float((found - query).abs().amax((0, 2)).min()) > 0.1


OF_TRAINING = [
    {"mem_len": 4}, {"mem_len": 512, "use_mems_eval": True}, {"mem_len": 8, "reuse_len": 4},
    {"use_mems_train": True}, {"same_length": True}, {"bi_data": True},
]  # fmt: skip


@pytest.mark.parametrize("changes", OF_TRAINING, ids=str)
def test_settings_of_the_training_change_nothing(xlnet, changes):
    model = variant(xlnet, **changes)
    other = encoder_of(model, xlnet)
    assert torch.equal(vectors(other, SENTENCES), vectors(xlnet, SENTENCES))
    assert torch.equal(vectors(other, SENTENCES[:1]), vectors(xlnet, SENTENCES[:1]))
    assert {name: getattr(model.config, name) for name in changes} == changes
    assert all(getattr(model, name, value) == value for name, value in changes.items())  # the user's model stays


def test_no_memory_from_batch_to_batch(xlnet):
    model = variant(xlnet, mem_len=64, use_mems_eval=True)
    kept, memories = [], []
    model.register_forward_hook(lambda _, given, output: kept.append(output.mems))
    for layer in model.layer:
        layer.register_forward_pre_hook(lambda _, given, named: memories.append(named["mems"]), with_kwargs=True)
    encoder = encoder_of(model, xlnet)
    alone = vectors(encoder, [["so", "fox"]])
    vectors(encoder, [["tokenization", "dog"] * 60])
    assert torch.equal(vectors(encoder, [["so", "fox"]]), alone)
    assert len(kept) >= 4
    assert all(mems is None for mems in (*kept, *memories))

    # Left to itself the model hands out a memory, and with it reads the same words otherwise.
    ids = xlnet.tokenizer("so fox", return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        memory = model(input_ids=ids).mems
        moved = model(input_ids=ids, mems=memory).last_hidden_state
        assert not torch.allclose(moved, model(input_ids=ids).last_hidden_state, atol=1e-2)


def test_clamped_positions(xlnet):
    model = variant(xlnet, clamp_len=3)
    found = vectors(encoder_of(model, xlnet), SENTENCES)
    alone = torch.cat([vectors(encoder_of(model, xlnet), [sentence]) for sentence in SENTENCES])
    assert_close(found, alone)
    expected = by_hand(model, **xlnet.tokenizer("fox", return_tensors="pt"))
    assert_close(found[[len(SENTENCES[0])]], expected[[-3]])  # before <sep> <cls>
    assert not torch.allclose(found, vectors(xlnet, SENTENCES), atol=1e-2)


@pytest.mark.parametrize("same_length", [False, True])
def test_a_causal_xlnet_reads_batches_as_the_library_reads_one_text(xlnet, same_length, tmp_path):
    model = variant(xlnet, attn_type="uni", same_length=same_length)
    encoder = encoder_of(model, xlnet)
    batch = xlnet.tokenizer(TEXTS, padding=True, return_tensors="pt")
    expected = torch.cat([by_hand(model, **xlnet.tokenizer(text, return_tensors="pt")) for text in TEXTS])
    encoder.truncated(2).save(tmp_path)
    for one in (encoder, encoder.truncated(2), load_encoder(tmp_path, device="cpu")):
        found = torch.stack(one.hidden_states(**batch, layers=range(one.n_layers)), dim=2)
        assert_close(found[batch["attention_mask"].bool()], expected[:, : one.n_layers])
    assert not torch.allclose(vectors(encoder, SENTENCES), vectors(xlnet, SENTENCES), atol=1e-2)
    assert model.attn_type == "uni"
    assert_close(vectors(encoder, [["a", "fox", "is"]])[:2], vectors(encoder, [["a", "fox", "jumps", "so"]])[:2])


def test_the_tokenizers_left_padding_is_not_seen(xlnet):
    batch = xlnet.tokenizer(TEXTS, padding=True, return_tensors="pt")
    ids, mask = batch["input_ids"], batch["attention_mask"]
    assert mask[:, -1].all()
    assert not mask[:, 0].all()
    assert set(ids[mask == 0].tolist()) == {xlnet.pad_id}
    expected = torch.cat([by_hand(xlnet.model, **xlnet.tokenizer(text, return_tensors="pt")) for text in TEXTS])
    for filler in (xlnet.pad_id, 9):  # what stands in the padding is of no matter
        states = xlnet.hidden_states(ids.where(mask.bool(), torch.tensor(filler)), mask, range(4))
        assert_close(torch.stack(states, dim=2)[mask.bool()], expected)
    unmasked = torch.stack(xlnet.hidden_states(ids, torch.ones_like(ids), range(4)), dim=2)
    assert not torch.allclose(unmasked[mask.bool()], expected, atol=1e-2)


@pytest.mark.parametrize("name", ["xlnet", "xlnet_mini"])
def test_the_classification_vector_is_the_last_position(name, request):
    encoder = request.getfixturevalue(name)
    plan = plan_texts(encoder, [(text,) for text in TEXTS] + [PAIR], "cls")
    assert all(reading.sources.tolist() == [len(reading.ids) - 1] for reading in plan.readings)
    assert {int(reading.ids[-1]) for reading in plan.readings} == {encoder.tokenizer.cls_token_id}
    rows = [encoder.tokenizer(text, return_token_type_ids=True, return_tensors="pt") for text in TEXTS]
    expected = torch.stack([by_hand(encoder.model, **row)[-1] for row in rows])
    found = text_vectors(encoder, [(text,) for text in TEXTS], pooling="cls")
    assert_close(found, expected)
    assert torch.equal(found[0, 0], encoder.model.word_embedding.weight[encoder.tokenizer.cls_token_id])


@pytest.mark.parametrize("name", ["xlnet", "xlnet_mini"])
def test_segments_are_the_tokenizers_and_matter(name, request):
    encoder = request.getfixturevalue(name)
    inputs = encoder.tokenizer(*PAIR, return_token_type_ids=True, return_tensors="pt")
    types = inputs["token_type_ids"][0].tolist()
    first, second = (len(encoder.tokenizer(text, add_special_tokens=False)["input_ids"]) for text in PAIR)
    assert types == [0] * (first + 1) + [1] * (second + 1) + [2]
    (reading,) = plan_texts(encoder, [PAIR], "cls").readings
    assert reading.types.tolist() == types
    assert reading.ids.tolist() == inputs["input_ids"][0].tolist()

    expected = by_hand(encoder.model, **inputs)
    padded = [PAIR, (TEXT, TEXTS[2])]
    assert_close(text_vectors(encoder, padded, pooling="cls")[:1], expected[[-1]])
    inputs["token_type_ids"] = 1 - inputs["token_type_ids"]  # 1, 0, -1: only same or not same is seen
    assert_close(by_hand(encoder.model, **inputs), expected)
    inputs["token_type_ids"] = torch.zeros_like(inputs["token_type_ids"])
    moved = (by_hand(encoder.model, **inputs) - expected).abs().amax((0, 2)) / expected.square().mean((0, 2)).sqrt()
    assert moved[0] == 0  # segments are no part of the embeddings
    assert float(moved[1:].min()) > 1e-4  # ten times what is allowed as error


def test_words_are_read_without_segments(xlnet):
    """As the library reads `tokenizer(text)`, which gives none unless asked."""
    inputs = xlnet.tokenizer(TEXT, return_tensors="pt")
    assert "token_type_ids" not in inputs
    starts = xlnet.segmenter([TEXT.split()]).word_starts
    assert_close(vectors(xlnet, [TEXT.split()]), by_hand(xlnet.model, **inputs)[starts[1:] - 1])


def first_sentences(path, n_sentences: int) -> tuple[list[list[str]], list[str]]:
    """Sentences, and the part of speech of each of their words."""
    found = read_columns(path, words=1, labels=2).sentences[:n_sentences]
    return [list(one.words) for one in found], [tag for one in found for tag in one.labels]


def test_probes_of_a_trained_xlnet_find_what_its_makers_found(xlnet_mini, shared_data):
    """Least-squares probes for parts of speech: the published accuracies of the seven layers, from a quarter the words.

    With random weights they are .62, with the pieces of other words far less.
    """
    published = torch.tensor([0.796, 0.805, 0.836, 0.844, 0.847, 0.851, 0.841])
    train, train_tags = first_sentences(shared_data / "conll2000" / "train.txt", 420)
    test, test_tags = first_sentences(shared_data / "conll2000" / "test.txt", 210)
    known = {tag: i for i, tag in enumerate(sorted(set(train_tags)))}
    wanted = torch.eye(len(known))[[known[tag] for tag in train_tags]]
    truth = torch.tensor([known.get(tag, -1) for tag in test_tags])
    rows, unseen = (torch.nn.functional.pad(vectors(xlnet_mini, one), (0, 1), value=1.0) for one in (train, test))
    found = []
    for layer in range(xlnet_mini.n_layers):
        weights = torch.linalg.lstsq(rows[:, layer], wanted).solution
        found.append(float(((unseen[:, layer] @ weights).argmax(1) == truth).float().mean()))
    assert torch.allclose(torch.tensor(found), published, rtol=0, atol=0.02), found


CASES = [["The", "fox"], ["the", "fox"], ["naïve", "fox"], ["naive", "fox"]]


def with_normalizer(tokenizer: PreTrainedTokenizerFast, **changes) -> PreTrainedTokenizerFast:
    """A copy of a word-piece tokenizer with another treatment of case and accents."""
    described = json.loads(tokenizer.backend_tokenizer.to_str())
    described["normalizer"] |= changes
    names = {name: getattr(tokenizer, name) for name in ("pad_token", "unk_token", "cls_token", "sep_token")}
    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(described)), **names)


def same_vectors(found: Tensor, first: int, second: int) -> bool:
    """Whether two sentences of two words have the same vectors in every layer; if not, every later layer differs."""
    pairs = found.unflatten(0, (-1, 2))
    same = torch.equal(pairs[first], pairs[second])
    assert same or float((pairs[first] - pairs[second]).abs().amax((0, 2))[1:].min()) > 1e-2
    return same


@pytest.mark.parametrize(
    ("lowercase", "strip_accents", "one_case", "no_accents"),
    [(True, None, True, True), (True, False, True, False), (False, None, False, False), (False, True, False, True)],
)
def test_case_and_accents_count_as_the_normalizer_says(load, lowercase, strip_accents, one_case, no_accents):
    tokenizer = with_normalizer(make_tokenizer("bert"), lowercase=lowercase, strip_accents=strip_accents)
    encoder = encoder_from_model(load("bert").model, tokenizer, name="cased", device="cpu")
    found = vectors(encoder, CASES, batch_tokens=1)
    assert same_vectors(found, 0, 1) == one_case
    assert same_vectors(found, 2, 3) == no_accents
    assert_reads_as_the_tokenizer_aligns(encoder, ["The", "Unbelievable", "Naïve", "CAFÉ", "fox", "İs", "."])


@pytest.mark.parametrize(("name", "one_case"), [("minilm", True), ("xlnet_mini", False)])
def test_learned_models_drop_accents_and_one_keeps_case(name, one_case, request):
    found = vectors(request.getfixturevalue(name), CASES, batch_tokens=1)
    assert same_vectors(found, 0, 1) == one_case
    assert same_vectors(found, 2, 3)


def assert_reads_as_the_tokenizer_aligns(encoder: Encoder, words: list[str]) -> None:
    """Last, first and average piece of every word, by the tokenizer's own map from pieces to words."""
    space = " " if encoder.family in BYTE_BPE else ""
    parts = [words[0], *(space + word for word in words[1:])]
    inputs = encoder.tokenizer(parts, is_split_into_words=True, return_tensors="pt")
    owners = inputs.word_ids()
    rows = [[row for row, owner in enumerate(owners) if owner == word] for word in range(len(words))]
    assert max(map(len, rows)) > 1
    ids, mask = inputs["input_ids"], inputs["attention_mask"]
    with torch.inference_mode():
        states = encoder.model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
    pieces = torch.stack([state[0] for state in states], dim=1)
    chosen = {"last": [row[-1:] for row in rows], "first": [row[:1] for row in rows], "average": rows}
    for aggregation, of_word in chosen.items():
        expected = torch.stack([pieces[row].mean(0) for row in of_word])
        assert_close(vectors(encoder, [words], aggregation=aggregation), expected)


def test_words_of_many_pieces_by_the_tokenizers_own_alignment(encoder):
    assert_reads_as_the_tokenizer_aligns(encoder, ["Unbelievable", "tokenization", ",", "isn't", "naïve", "it", "?"])


@pytest.mark.parametrize("family", FAMILIES)
def test_the_marks_of_pieces(family, load):
    """## goes on with a word; Ġ and ▁ begin one, but no Ġ stands before the first word of a text."""
    segmenter, tokenizer = load(family).segmenter, load(family).tokenizer
    pieces = segmenter([["unbelievable", "tokenization", "fox"]])
    words = [tokenizer.convert_ids_to_tokens(pieces.ids[a:b].tolist()) for a, b in pairwise(pieces.word_starts)]
    mark = "##" if family in WORDPIECE else "▁" if family in UNIGRAM else "Ġ"
    begins, goes_on = ([False] * 3, True) if mark == "##" else ([mark == "▁", True, True], False)
    assert len(words[0]) > 2
    for word, begin in zip(words, begins, strict=True):
        assert [piece.startswith(mark) for piece in word] == [begin] + [goes_on] * (len(word) - 1)
