"""Every kind of hard input ends in one clear line and a status that means something, and nothing finished is lost."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from transformers import AutoModel, ViTConfig

from neurosieve.activations import filling, shards
from neurosieve.compact import CompactModel
from neurosieve.run.results import Results
from tests.run.small import sentences, write, write_corpus, write_sst2, write_stsb
from tests.test_cli import asked, data, fails, model  # noqa: F401 (fixtures)
from tests.tiny_models import make_tiny


@pytest.fixture
def sst2(tmp_path):
    return write_sst2(tmp_path / "SST-2", train=40, dev=12)


def damage(folder: Path, line: int, text: str) -> Path:
    """Put another line in the place of one, counted from 1."""
    path = folder / "train.tsv"
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[line - 1] = text
    path.write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("train.txt", None, r"lacks train\.txt"),
        ("test.txt", None, r"lacks test\.txt"),
        ("train.txt", "", r"train\.txt holds no sentence"),
        ("test.txt", "\n\n \n", r"test\.txt holds no sentence"),
        ("train.txt", "the DT B-NP\nfox NN\n", r"train\.txt, line 2: expected 3 columns, as in line 1.*found 2"),
        ("train.txt", "the DT B-NP\nfox\n", r"train\.txt, line 2: expected at least 2 columns"),
        ("test.txt", b"caf\xe9 NN O\n", r"test\.txt, line 1, byte 3: .* is not UTF-8"),
        ("train.txt", "the DT B-NP\n", r"A dev split cannot be cut from 1 training sentence"),
    ],
)
def test_words(name, content, message, call, model, tmp_path):  # noqa: F811
    folder = write_corpus(tmp_path / "data", train=5, test=5)
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    fails(call("run", *asked(model, folder, tmp_path / "out", "--task", "pos")), message)


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        (3, "no label", r"train\.tsv, line 3: there is no column 'label'; its columns are sentence"),
        (3, "a\tb\tc", r"train\.tsv, line 3: expected 2 columns, as in the header; found 3"),
        (4, " \t1", r"train\.tsv, line 4: a text is empty"),
        (4, "the fox\t", r"train\.tsv, line 4: the label is empty"),
        (1, "text\tlabel", r"there is no column 'sentence'; its columns are text, label"),
    ],
)
def test_texts(line, text, message, call, model, sst2, tmp_path):  # noqa: F811
    fails(call("run", *asked(model, damage(sst2, line, text), tmp_path / "out", "--task", "sst2")), message)


@pytest.mark.parametrize("number", ["nan", "inf", "much", ""])
def test_numbers(number, call, model, tmp_path):  # noqa: F811
    folder = write_stsb(tmp_path / "STS-B", train=10, dev=10)
    line = (folder / "train.tsv").read_text(encoding="utf-8").split("\n")[4]
    damage(folder, 5, line.rsplit("\t", 1)[0] + f"\t{number}")
    outcome = call("run", *asked(model, folder, tmp_path / "out", "--task", "stsb"))
    fails(outcome, rf"train\.tsv, line 5: the label '{number}' is no finite number")


def test_a_folder_of_another_task(call, model, sst2, tmp_path):  # noqa: F811
    fails(call("run", *asked(model, sst2, tmp_path / "out", "--task", "mrpc")), "there is no column '#1 String'")
    fails(call("run", *asked(model, tmp_path, tmp_path / "out", "--task", "rte")), r"holds neither train\.tsv nor RTE")


def test_activations_that_are_not_finite(call, model, data, tmp_path):  # noqa: F811
    broken = shutil.copytree(model, tmp_path / "broken")
    weights = load_file(broken / "model.safetensors")
    weights["encoder.layer.1.output.dense.bias"][3] = torch.nan
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    outcome = call("run", *asked(broken, data, tmp_path / "out"))
    fails(outcome, r"The vector of word 1 \('.*'\) of sentence \d+ is not finite in layer 2")


def test_a_model_without_tokenizer(call, model, data, tmp_path):  # noqa: F811
    bare = shutil.copytree(model, tmp_path / "bare", ignore=shutil.ignore_patterns("token*", "special*", "vocab*"))
    fails(call("run", *asked(bare, data, tmp_path / "out")), "tokenizer")


def test_a_model_without_hidden_states_of_text(call, model, data, tmp_path):  # noqa: F811
    image = shutil.copytree(model, tmp_path / "image", ignore=shutil.ignore_patterns("model*", "config*"))
    config = ViTConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16, image_size=32, patch_size=16
    )
    AutoModel.from_config(config).save_pretrained(image)
    fails(call("run", *asked(image, data, tmp_path / "out")), r"\(family 'vit'\) cannot read text")


def test_a_hub_that_cannot_be_reached(call, data, tmp_path):  # noqa: F811
    outcome = call("run", *asked("someone/something", data, tmp_path / "out"))
    fails(outcome, "'someone/something' cannot be loaded.*without network only a folder")


def test_a_data_set_that_cannot_be_reached(call, model, tmp_path):  # noqa: F811
    options = ["--format", "datasets", "--columns", "text,label", "--task", "mine"]
    outcome = call("run", *asked(model, "someone/something", tmp_path / "out", *options))
    fails(outcome, r"someone/something.*(neurosieve\[hub\]|without network)")


def stores(cache: Path) -> list[Path]:
    return sorted(path.parent for path in cache.rglob("manifest.json"))


def test_a_store_that_is_cut_short_names_its_shard_and_is_repaired(call, model, data, tmp_path, monkeypatch):  # noqa: F811
    options = asked(model, data, tmp_path / "out", "--task", "pos")
    assert call("task", *options).status == 0
    folders = stores(tmp_path / "cache")
    shard = max((path for folder in folders for path in folder.glob("*.safetensors")), key=lambda p: p.stat().st_size)
    whole = shard.read_bytes()
    shard.write_bytes(whole[: len(whole) // 2])
    fails(call("info", shard.parent), rf"The shard .*{shard.name} has {len(whole) // 2} bytes; the manifest says")
    made, compute = [], filling.compute_shard
    monkeypatch.setattr(filling, "compute_shard", lambda *a, **k: made.append(1) or compute(*a, **k))
    assert call("task", *options).status == 0
    assert len(made) == 1
    assert shard.read_bytes() == whole


def test_a_full_disk(call, model, data, tmp_path, monkeypatch):  # noqa: F811
    def full(*_: object, **__: object) -> None:
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(shards, "save_file", full)
    outcome = call("run", *asked(model, data, tmp_path / "out"))
    fails(outcome, r"The shard .* cannot be written .*No space left on device.*finished shards are kept")
    monkeypatch.undo()


def test_a_disk_that_fills_up_at_the_results(call, model, data, tmp_path, monkeypatch):  # noqa: F811
    def full(self: Results, path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Results, "save", full)
    outcome = call("run", *asked(model, data, tmp_path / "out"))
    fails(outcome, r"No space left on device \(.*results\.json\). What was finished is kept")
    assert len(stores(tmp_path / "cache")) == 3


def test_an_interrupt_keeps_what_is_finished(call, model, data, tmp_path, monkeypatch):  # noqa: F811
    options = asked(model, data, tmp_path / "out")
    compute, made = filling.compute_shard, []

    def interrupted(*args: object, **more: object) -> object:
        if len(made) == 1:
            raise KeyboardInterrupt
        made.append(1)
        return compute(*args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(filling, "compute_shard", interrupted)
        status, out, err = call("run", *options)
    assert (status, out) == (130, "")
    assert err == "neurosieve: interrupted. What was extracted is kept; the next run goes on there.\n"
    again = []
    monkeypatch.setattr(filling, "compute_shard", lambda *a, **k: again.append(1) or compute(*a, **k))
    assert call("run", *options).status == 0
    assert len(again) == 2


@pytest.fixture(scope="module")
def compact(tmp_path_factory):
    """A compact model, made once."""
    from neurosieve.run.pipeline import run
    from tests.run.small import settings

    root = tmp_path_factory.mktemp("compact")
    run(settings(make_tiny("bert", root / "model"), write_corpus(root / "data", 40, 12), root / "out"))
    return root / "out" / "compact"


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("head.safetensors", None, r"lacks the file head\.safetensors"),
        ("model.safetensors", None, r"lacks the file model\.safetensors"),
        ("model.safetensors", b"x", r"The file model\.safetensors .* was altered: its sha256"),
        ("config.json", b" ", r"The file config\.json .* was altered"),
        ("compact.json", None, "is no compact model"),
    ],
)
def test_a_compact_model_that_is_not_whole(file, change, message, call, compact, tmp_path):
    copy = shutil.copytree(compact, tmp_path / "compact")
    if change is None:
        (copy / file).unlink()
    else:
        (copy / file).write_bytes((copy / file).read_bytes() + change)
    fails(call("predict", copy, "--device", "cpu", stdin=b"the fox\n"), message)


def test_one_class_only_is_a_warning_and_the_constant(call, model, tmp_path):  # noqa: F811
    folder = tmp_path / "data"
    rows = [[(word, "NN", "O") for word, _, _ in one] for one in sentences(20, 1)]
    write(folder / "train.txt", rows), write(folder / "test.txt", rows[:5])
    status, out, _ = call("run", *asked(model, folder, tmp_path / "out", "--task", "pos", "--json"))
    assert status == 0
    assert any("Every training label is 'NN'" in warning for warning in json.loads(out)["warnings"])
    loaded = CompactModel.from_pretrained(tmp_path / "out" / "compact", device="cpu")
    assert loaded.predict(["the fox ."])[0].labels == ["NN"] * 3


def test_one_class_of_texts_only(call, model, sst2, tmp_path):  # noqa: F811
    for path in sst2.glob("*.tsv"):
        head, *rows = path.read_text(encoding="utf-8").strip().split("\n")
        path.write_text("\n".join([head, *(row[:-1] + "1" for row in rows)]), encoding="utf-8")
    status, out, _ = call("run", *asked(model, sst2, tmp_path / "out", "--task", "sst2", "--json"))
    assert status == 0
    found = json.loads(out)
    assert any("Every training label is '1'" in warning for warning in found["warnings"])
    assert found["tasks"]["sst2"]["sieve"]["test"]["value"] == 1.0


def test_labels_that_train_lacks_count_as_wrong_and_are_listed(call, model, sst2, tmp_path):  # noqa: F811
    with (sst2 / "dev.tsv").open("a", encoding="utf-8") as file:
        file.write("the quick fox\tmaybe\n" * 4)
    status, out, _ = call("run", *asked(model, sst2, tmp_path / "out", "--task", "sst2", "--pooling", "mean", "--json"))
    assert status == 0
    task = json.loads(out)["tasks"]["sst2"]
    assert task["corpus"]["unseen_labels"] == {"test": ["maybe"]}
    assert task["oracle"]["test"]["n"] == 16
    assert task["oracle"]["test"]["value"] <= 0.75


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("kind = ", "is not TOML"),
        ("colums = []", r"unknown key 'colums'; the keys are kind, format"),
        ('columns = "a"', "columns must be a list"),
        ('train = "no.csv"\ntest = "no.csv"\ncolumns = ["a", "b"]', r"no\.csv cannot be read"),
    ],
)
def test_a_task_in_a_file_that_is_wrong(content, message, call, model, tmp_path):  # noqa: F811
    path = tmp_path / "mine.toml"
    path.write_text(content, encoding="utf-8")
    where = ["--model", model, "--out", tmp_path / "out", "--device", "cpu", "--task", path]
    fails(call("run", *where), message)


def test_a_configuration_that_is_wrong(call, tmp_path):
    fails(call("run", "--config", tmp_path / "no.toml", "--out", "o"), r"no\.toml cannot be read")
    (tmp_path / "run.toml").write_text('task = "code-roles"\ntolerence = 0.1\n', encoding="utf-8")
    outcome = call("run", "--config", tmp_path / "run.toml", "--out", tmp_path / "o")
    assert outcome.status == 2
    assert "--tolerence" in outcome.err
