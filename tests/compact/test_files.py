from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModel

from neurosieve.compact import CompactModel, read_about, refuse_foreign
from neurosieve.errors import CompactError
from tests.compact.conftest import CLASSES, NEURONS, build
from tests.compact.test_model import SENTENCES, assert_close
from tests.tiny_models import FAMILIES


def edit(folder, **changes):
    path = folder / "compact.json"
    about = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps(about), encoding="utf-8")


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
    assert (again.aggregation, again.on_too_long, again.measured) == ("first", "window", model.measured)
    assert (again.encoder.window, again.n_parameters) == (model.encoder.window, model.n_parameters)


def test_a_fresh_process_says_the_same(model, saved, tmp_path):
    code = (
        "import sys, json; from neurosieve.compact import CompactModel; from safetensors.torch import save_file\n"
        "model, sentences = CompactModel.from_pretrained(sys.argv[1], device='cpu'), json.loads(sys.argv[2])\n"
        "save_file({'scores': model.scores(sentences)}, sys.argv[3])\n"
        "print(json.dumps([p.labels for p in model.predict(sentences)]))"
    )
    args = [sys.executable, "-c", code, str(saved), json.dumps(SENTENCES), str(tmp_path / "scores.safetensors")]
    printed = subprocess.run(args, check=True, capture_output=True, text=True, timeout=120).stdout
    assert json.loads(printed) == [prediction.labels for prediction in model.predict(SENTENCES)]
    assert_close(load_file(tmp_path / "scores.safetensors")["scores"], model.scores(SENTENCES))


def test_loaded_in_bfloat16_it_stays_bfloat16(tmp_path, load):
    half = build(replace(load("bert"), dtype=torch.bfloat16))
    half.save_pretrained(tmp_path / "compact")
    again = CompactModel.from_pretrained(tmp_path / "compact", device="cpu")
    assert again.encoder.dtype == torch.bfloat16
    assert torch.equal(again.scores(SENTENCES), half.scores(SENTENCES))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_encoder_s_folder_loads_with_transformers_alone(load, family, tmp_path):
    encoder = load(family)
    build(encoder).save_pretrained(tmp_path / "compact")
    plain = AutoModel.from_pretrained(tmp_path / "compact" / "encoder").eval()
    assert plain.config.num_hidden_layers == 2
    ids = torch.tensor([[7, 8, 9, 10]])
    with torch.inference_mode():
        found = plain(input_ids=ids, output_hidden_states=True).hidden_states
    expected = encoder.hidden_states(ids, torch.ones_like(ids), [0, 1])
    assert all(torch.allclose(mine, theirs, atol=1e-5) for mine, theirs in zip(found, expected, strict=False))


def test_nothing_in_the_folder_can_run(saved):
    assert {path.suffix for path in saved.rglob("*") if path.is_file()} <= {".json", ".safetensors", ".md", ".txt"}


@pytest.mark.parametrize("name", ["head.safetensors", "encoder/model.safetensors", "encoder/config.json"])
def test_an_altered_file_is_refused_by_name(saved, name):
    path = saved / name
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(bytes(content))
    refused(saved, rf"The file {name} of the compact model in .* was altered")


@pytest.mark.parametrize("name", ["head.safetensors", "encoder/model.safetensors", "encoder/tokenizer.json"])
def test_a_missing_file_is_refused_by_name(saved, name):
    (saved / name).unlink()
    refused(saved, f"lacks the file {name}")


def test_an_unlisted_file_is_refused_by_name(saved):
    (saved / "encoder" / "modeling_evil.py").write_text("raise SystemExit\n", encoding="utf-8")
    refused(saved, r"files that compact\.json does not list: encoder/modeling_evil\.py")


def test_a_head_that_is_not_listed_is_refused(saved):
    files = dict(read_about(saved).files)
    del files["head.safetensors"]
    edit(saved, files=files)
    refused(saved, r"does not list: head\.safetensors")


@pytest.mark.parametrize("name", ["../outside.json", "encoder/../../outside.json", "/etc/hostname"])
def test_a_path_outside_the_folder_is_refused(saved, name):
    (saved.parent / "outside.json").write_text("{}", encoding="utf-8")
    edit(saved, files=read_about(saved).files | {name: "0" * 64})
    refused(saved, "which lies outside the folder")


@pytest.mark.parametrize(
    "changes",
    [
        {"neurons": NEURONS[:-1]},
        {"neurons": [*NEURONS[:-1], (0, 32)]},
        {"neurons": [*NEURONS[:-1], (3, 0)]},
        {"neurons": [*NEURONS[:-1], (-1, 0)]},
        {"classes": ["A", "B"]},
    ],
)
def test_a_description_that_does_not_fit_the_weights_is_refused(saved, changes):
    edit(saved, **changes)
    refused(saved, r"The head and the encoder in .* do not fit its compact\.json")


@pytest.mark.parametrize("changes", [{"format": 2}, {"aggregation": "middle"}, {"neurons": "all"}])
def test_a_description_of_another_format_is_refused(saved, changes):
    edit(saved, **changes)
    refused(saved, r"compact\.json is damaged or of another format than 1")


def test_fields_of_a_later_version_are_ignored(saved):
    edit(saved, invented_later=3)
    assert CompactModel.from_pretrained(saved, device="cpu").head.classes == CLASSES


def test_no_compact_model_at_all(tmp_path):
    refused(tmp_path, r"is no compact model: it has no compact\.json")
    refused(tmp_path / "nothing", r"is no compact model: it has no compact\.json")


def test_saving_again_replaces_the_old_and_leaves_nothing_behind(model, saved):
    (saved / "encoder" / "stale.json").write_text("{}", encoding="utf-8")
    model.save_pretrained(saved)
    assert not (saved / "encoder" / "stale.json").exists()
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
    assert {path.name for path in saved.iterdir()} == {"compact.json", "head.safetensors", "encoder", "README.md"}
    about = read_about(saved)
    assert (about.neurons, about.classes) == (NEURONS, list(CLASSES))
    assert "head.safetensors" in about.files
    assert "encoder/model.safetensors" in about.files
    assert all(len(digest) == 64 for digest in about.files.values())
    assert (saved / "README.md").read_text(encoding="utf-8") == "# A card\n"
