from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel

from neurosieve.activations import load_encoder
from neurosieve.compact import CompactModel, read_about, refuse_foreign
from neurosieve.errors import CompactError
from tests.compact.conftest import CLASSES, NEURONS, build, of_kind
from tests.compact.test_model import SENTENCES, assert_close, by_hand
from tests.compact.test_texts import MIXED
from tests.tiny_models import FAMILIES, make_tiny


def edit(folder, **changes):
    path = folder / "compact.json"
    about = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps(about), encoding="utf-8")


def edit_task(folder, name, **changes):
    tasks = json.loads((folder / "compact.json").read_text(encoding="utf-8"))["tasks"]
    edit(folder, tasks=tasks | {name: tasks[name] | changes})


def edit_heads(folder, tensors):
    """Other weights, under a sha256 that fits them."""
    save_file(tensors, folder / "head.safetensors")
    digest = hashlib.sha256((folder / "head.safetensors").read_bytes()).hexdigest()
    edit(folder, files=read_about(folder).files | {"head.safetensors": digest})


def as_format_2(folder):
    """The folder as neurosieve wrote it before all files stood side by side."""
    about = read_about(folder)
    (folder / "encoder").mkdir()
    moved = {name: name if name == "head.safetensors" else f"encoder/{name}" for name in about.files}
    for name, place in moved.items():
        (folder / name).rename(folder / place)
    edit(folder, format=2, files={moved[name]: digest for name, digest in about.files.items()})


def as_format_1(folder):
    """The folder as the first version of neurosieve wrote it."""
    as_format_2(folder)
    tensors = load_file(folder / "head.safetensors")
    edit_heads(folder, {"weight": tensors["0.weight"], "bias": tensors["0.bias"]})
    about = json.loads((folder / "compact.json").read_text(encoding="utf-8"))
    (task,) = about.pop("tasks").values()
    del about["sublayers"]
    old = about | {"format": 1} | {key: task[key] for key in ("neurons", "classes", "aggregation")}
    (folder / "compact.json").write_text(json.dumps(old), encoding="utf-8")


def refused(folder, message):
    with pytest.raises(CompactError, match=message):
        CompactModel.from_pretrained(folder, device="cpu")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("last", [0, 2, 3])
def test_saved_and_loaded_it_is_the_same(load, family, last, tmp_path):
    model = build(load(family), [*[n for n in NEURONS if n[0] <= last], (last, 3)], aggregation="first")
    model.measured["note"] = {"accuracy": 0.5}
    model.save_pretrained(tmp_path / "compact")
    again = CompactModel.from_pretrained(tmp_path / "compact", device="cpu")
    assert torch.equal(again.scores(SENTENCES), model.scores(SENTENCES))
    assert again.predict(SENTENCES) == model.predict(SENTENCES)
    assert again.head.neurons == model.head.neurons
    assert (again.head.aggregation, again.on_too_long, again.measured) == ("first", "window", model.measured)
    assert (again.encoder.window, again.n_parameters) == (model.encoder.window, model.n_parameters)


@pytest.mark.parametrize("family", ["bert", "xlnet", "gpt2"])
@pytest.mark.parametrize("kind", ["classification", "regression"])
def test_heads_for_texts_are_the_same_again(load, family, kind, tmp_path):
    model = of_kind(load(family), kind, on_too_long="truncate", task="naïve / ../任务.weight")
    model.save_pretrained(tmp_path / "compact")
    again = CompactModel.from_pretrained(tmp_path / "compact", device="cpu")
    assert torch.equal(again.scores(MIXED), model.scores(MIXED))
    assert again.predict(MIXED) == model.predict(MIXED)
    assert list(again.heads) == list(model.heads)
    mine, theirs = model.head, again.head
    assert (theirs.kind, theirs.classes, theirs.pooling) == (mine.kind, mine.classes, mine.pooling)
    assert again.on_too_long == "truncate"


@pytest.mark.parametrize("family", ["bert", "gpt2"])
def test_with_sublayers_it_is_the_same_again(family, tmp_path):
    encoder = load_encoder(make_tiny(family, tmp_path / "model"), device="cpu", sublayers=("attention", "mlp"))
    neurons = [(4, 3), (5, 1), (0, 2), (1, 9)]
    model = build(encoder, neurons)
    model.save_pretrained(tmp_path / "compact")
    again = CompactModel.from_pretrained(tmp_path / "compact", device="cpu")
    assert read_about(tmp_path / "compact").sublayers == ["attention", "mlp"]
    assert again.encoder.sublayers == ("attention", "mlp")
    assert again.encoder.model.config.num_hidden_layers == 2
    assert torch.equal(again.scores(SENTENCES), model.scores(SENTENCES))
    assert_close(again.scores(SENTENCES), by_hand(encoder, SENTENCES, neurons))


def test_a_fresh_process_says_the_same(several, tmp_path):
    several.save_pretrained(tmp_path / "compact")
    items = [SENTENCES, MIXED, MIXED]
    code = (
        "import sys, json; from neurosieve import CompactModel; from safetensors.torch import save_file\n"
        "model, items = CompactModel.from_pretrained(sys.argv[1], device='cpu'), json.loads(sys.argv[2])\n"
        "named = list(zip(model.heads, items))\n"
        "save_file({name: model.scores(some, name) for name, some in named}, sys.argv[3])\n"
        "print(json.dumps([[p[1] for p in model.predict(some, name)] for name, some in named]))"
    )
    args = [sys.executable, "-c", code, str(tmp_path / "compact"), json.dumps(items), str(tmp_path / "scores")]
    printed = subprocess.run(args, check=True, capture_output=True, text=True, timeout=120).stdout
    for found, scores, (name, head), some in zip(
        json.loads(printed), [load_file(tmp_path / "scores")] * 3, several.heads.items(), items, strict=True
    ):
        expected = [prediction[1] for prediction in several.predict(some, name)]
        assert found == (expected if head.classes else pytest.approx(expected, rel=1e-4))
        assert_close(scores[name], several.scores(some, name))


def test_several_tasks_are_the_same_again_whatever_the_order_of_the_keys(several, tmp_path):
    several.save_pretrained(tmp_path)
    path = tmp_path / "compact.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")), sort_keys=True), encoding="utf-8")
    again = CompactModel.from_pretrained(tmp_path, device="cpu")
    assert list(again.heads) == list(several.heads)
    assert again.neurons == several.neurons
    for name, head in several.heads.items():
        items = SENTENCES if head.unit == "words" else MIXED
        assert torch.equal(again.scores(items, name), several.scores(items, name))


@pytest.mark.parametrize("aggregation", ["last", "average"])
def test_a_folder_of_format_1_still_loads(load, tmp_path, aggregation):
    model = build(load("bert"), aggregation=aggregation)
    model.measured["speedup"] = 2
    model.save_pretrained(tmp_path)
    as_format_1(tmp_path)
    again = CompactModel.from_pretrained(tmp_path, device="cpu")
    assert torch.equal(again.scores(SENTENCES), model.scores(SENTENCES))
    assert again.predict(SENTENCES) == model.predict(SENTENCES)
    assert list(again.heads) == ["task"]
    assert (again.head.kind, again.head.aggregation, again.measured) == ("labelling", aggregation, {"speedup": 2})
    again.save_pretrained(tmp_path)
    assert read_about(tmp_path).format == 3
    assert torch.equal(CompactModel.from_pretrained(tmp_path, device="cpu").scores(SENTENCES), model.scores(SENTENCES))


def test_a_folder_of_format_2_still_loads(several, tmp_path):
    several.save_pretrained(tmp_path)
    as_format_2(tmp_path)
    again = CompactModel.from_pretrained(tmp_path, device="cpu")
    assert torch.equal(again.scores(SENTENCES, "a labelling"), several.scores(SENTENCES, "a labelling"))
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")  # beside the encoder's folder nothing is read
    assert list(CompactModel.from_pretrained(tmp_path, device="cpu").heads) == list(several.heads)
    (tmp_path / "encoder" / "modeling_evil.py").write_text("raise SystemExit\n", encoding="utf-8")
    refused(tmp_path, r"does not list: encoder/modeling_evil\.py")


def test_hidden_files_and_a_card_of_one_s_own_do_not_matter(saved):
    (saved / ".gitattributes").write_text("* text=auto\n", encoding="utf-8")
    (saved / "README.md").write_text("# Mine\n", encoding="utf-8")
    assert CompactModel.from_pretrained(saved, device="cpu").head.classes == CLASSES


def test_loaded_in_bfloat16_it_stays_bfloat16(tmp_path, load):
    half = build(replace(load("bert"), dtype=torch.bfloat16))
    half.save_pretrained(tmp_path / "compact")
    again = CompactModel.from_pretrained(tmp_path / "compact", device="cpu")
    assert again.encoder.dtype == torch.bfloat16
    assert torch.equal(again.scores(SENTENCES), half.scores(SENTENCES))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_folder_loads_with_transformers_alone(load, family, tmp_path):
    encoder = load(family)
    build(encoder).save_pretrained(tmp_path / "compact")
    plain = AutoModel.from_pretrained(tmp_path / "compact").eval()
    assert plain.config.num_hidden_layers == 2
    ids = torch.tensor([[7, 8, 9, 10]])
    with torch.inference_mode():
        found = plain(input_ids=ids, output_hidden_states=True).hidden_states
    expected = encoder.hidden_states(ids, torch.ones_like(ids), [0, 1])
    assert all(torch.allclose(mine, theirs, atol=1e-5) for mine, theirs in zip(found, expected, strict=False))


def test_nothing_in_the_folder_can_run(saved):
    assert {path.suffix for path in saved.rglob("*") if path.is_file()} <= {".json", ".safetensors", ".md", ".txt"}


@pytest.mark.parametrize("name", ["head.safetensors", "model.safetensors", "config.json"])
def test_an_altered_file_is_refused_by_name(saved, name):
    path = saved / name
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(bytes(content))
    refused(saved, rf"The file {name} of the compact model in .* was altered")


@pytest.mark.parametrize("name", ["head.safetensors", "model.safetensors", "tokenizer.json"])
def test_a_missing_file_is_refused_by_name(saved, name):
    (saved / name).unlink()
    refused(saved, f"lacks the file {name}")


def test_an_unlisted_file_is_refused_by_name(saved):
    (saved / "modeling_evil.py").write_text("raise SystemExit\n", encoding="utf-8")
    refused(saved, r"files that compact\.json does not list: modeling_evil\.py")


def test_a_head_that_is_not_listed_is_refused(saved):
    files = dict(read_about(saved).files)
    del files["head.safetensors"]
    edit(saved, files=files)
    refused(saved, r"does not list: head\.safetensors")


@pytest.mark.parametrize("name", ["../outside.json", "a/../../outside.json", "/etc/hostname", "..\\\\outside.json"])
def test_a_path_outside_the_folder_is_refused(saved, name):
    (saved.parent / "outside.json").write_text("{}", encoding="utf-8")
    edit(saved, files=read_about(saved).files | {name: "0" * 64})
    refused(saved, "which lies outside the folder")


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize(
    "changes",
    [
        {"neurons": NEURONS[:-1]},
        {"neurons": [*NEURONS[:-1], (0, 32)]},
        {"neurons": [*NEURONS[:-1], (3, 0)]},
        {"neurons": [*NEURONS[:-1], (-1, 0)]},
        {"neurons": []},
        {"classes": ["A", "B"]},
        {"classes": []},
        {"kind": "regression"},
        {"kind": "classification"},
        {"pooling": "cls"},
    ],
)
def test_a_description_that_does_not_fit_the_weights_is_refused(saved, changes, old):
    if old:
        as_format_1(saved)
        edit(saved, **changes)
    else:
        edit_task(saved, "task", **changes)
    if old and changes.keys() & {"kind", "pooling"}:
        assert CompactModel.from_pretrained(saved, device="cpu").head.kind == "labelling"  # unknown to that format
    else:
        refused(saved, r"The heads and the encoder in .* do not fit its compact\.json")


def test_heads_that_are_not_those_described_are_refused(saved):
    message = r"The heads and the encoder in .* do not fit its compact\.json"
    tensors = load_file(saved / "head.safetensors")
    edit_heads(saved, tensors | {"1.weight": torch.zeros(7, 3), "1.bias": torch.zeros(3)})
    refused(saved, message)
    edit_heads(saved, {"weight": tensors["0.weight"], "bias": tensors["0.bias"]})
    refused(saved, message)
    edit_heads(saved, tensors | {"0.bias": torch.full((3,), torch.nan)})
    refused(saved, message)
    edit_heads(saved, tensors)
    assert CompactModel.from_pretrained(saved, device="cpu").head.classes == CLASSES


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"format": 4}, "format"),
        ({"format": 1}, "Field required"),
        ({"on_too_long": "wait"}, "on_too_long"),
        ({"sublayers": ["norm"]}, "sublayers"),
        ({"tasks": {}}, "at least 1"),
        ({"tasks": "all"}, "tasks"),
        ({"tasks": {"a": {}}}, "Field required"),
    ],
)
def test_a_description_of_another_format_is_refused(saved, changes, what):
    edit(saved, **changes)
    refused(saved, rf"compact\.json is damaged or of another format than 1 to 3, which this version reads: .*{what}")


@pytest.mark.parametrize(
    "changes",
    [
        {"aggregation": "middle"},
        {"neurons": "all"},
        {"kind": "translation"},
        {"pooling": "max"},
        {"index": 1},
        {"index": -1},
    ],
)
def test_a_task_of_another_format_is_refused(saved, changes):
    edit_task(saved, "task", **changes)
    refused(saved, r"compact\.json is damaged or of another format than 1 to 3")


def test_two_tasks_with_one_index_or_a_blank_name_are_refused(several, tmp_path):
    several.save_pretrained(tmp_path)
    first = read_about(tmp_path).tasks["a labelling"]
    edit_task(tmp_path, "a regression", index=0)
    refused(tmp_path, "the indices of its tasks are not 0, 1, 2")
    edit(tmp_path, tasks={" ": first.model_dump()})
    refused(tmp_path, "' ' is no name for a task")


def test_fields_of_a_later_version_are_ignored(saved):
    edit(saved, invented_later=3)
    edit_task(saved, "task", invented_too={})
    assert CompactModel.from_pretrained(saved, device="cpu").head.classes == CLASSES


def test_no_compact_model_at_all(tmp_path):
    refused(tmp_path, r"is no compact model: it has no compact\.json")
    refused(tmp_path / "nothing", r"is no compact model: it has no compact\.json")


def test_saving_again_replaces_the_old_and_leaves_nothing_behind(model, saved):
    as_format_2(saved)
    model.save_pretrained(saved)
    assert not (saved / "encoder").exists()
    assert [path.name for path in saved.parent.iterdir()] == ["compact"]


def test_saving_onto_a_link_replaces_what_it_leads_to(model, saved):
    link = saved.parent / "link"
    link.symlink_to(saved)
    model.save_pretrained(link, "new")
    assert link.is_symlink()
    assert (saved / "README.md").read_text(encoding="utf-8") == "new"


def test_a_folder_with_something_else_is_left_alone(model, tmp_path, saved):
    other = tmp_path / "other"
    other.mkdir()
    refuse_foreign(other)
    refuse_foreign(tmp_path / "nothing")
    (other / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(CompactError, match=r"holds something else than a compact model \(thesis\.txt\)"):
        model.save_pretrained(other)
    assert (other / "thesis.txt").is_file()
    (saved / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(CompactError, match=r"\(notes\.txt\) and is not overwritten"):
        model.save_pretrained(saved)
    assert (saved / "notes.txt").is_file()
    assert not list(tmp_path.glob("*.partial"))


def test_a_failure_in_the_middle_leaves_the_old_one_whole(model, saved, monkeypatch):
    before = model.predict(SENTENCES)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("neurosieve.compact.files.save_file", fail)
    with pytest.raises(OSError, match="No space"):
        model.save_pretrained(saved)
    assert CompactModel.from_pretrained(saved, device="cpu").predict(SENTENCES) == before
    assert [path.name for path in saved.parent.iterdir()] == ["compact"]


def test_what_is_in_the_folder(saved):
    assert {path.name for path in saved.iterdir()} == {
        *("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"),
        *("compact.json", "head.safetensors", "README.md"),
    }
    about = read_about(saved)
    assert about.format == 3
    assert about.tasks["task"].neurons == NEURONS
    assert about.tasks["task"].classes == list(CLASSES)
    assert about.neurons == sorted(NEURONS)
    assert set(load_file(saved / "head.safetensors")) == {"0.weight", "0.bias"}
    assert "head.safetensors" in about.files
    assert "model.safetensors" in about.files
    assert all(len(digest) == 64 for digest in about.files.values())
    assert (saved / "README.md").read_text(encoding="utf-8") == "# A card\n"
