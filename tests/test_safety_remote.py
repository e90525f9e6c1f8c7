"""Code that comes with a model never runs unless its user says so, pickled weights are never read, and a folder calls
nobody."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from neurosieve.activations import load_encoder
from neurosieve.activations.heads import load_language_model
from neurosieve.compact import CompactModel
from neurosieve.compact.digests import digests
from neurosieve.errors import ConfigError, NeurosieveError
from neurosieve.export import export_onnx
from neurosieve.run.config import TRUST, load_settings, read_config, write_config
from neurosieve.run.reopen import reopen
from neurosieve.run.settings import RunSettings
from neurosieve.runtime import Runtime
from tests.run.small import settings

EVIL = """
from pathlib import Path
Path({marker!r}).write_text("I ran")
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast
class EvilConfig(BertConfig):
    model_type = "evil"
class EvilModel(BertModel):
    config_class = EvilConfig
class EvilTokenizer(PreTrainedTokenizerFast):
    pass
"""
AUTO = {"AutoConfig": "evil.EvilConfig", "AutoModel": "evil.EvilModel", "AutoModelForMaskedLM": "evil.EvilModel"}


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "ran"


@pytest.fixture(autouse=True)
def _modules_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Transformers copies the code that it is allowed to run into a folder, and imports it from there."""
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "modules"))
    monkeypatch.setattr(sys, "path", list(sys.path))


def with_code(folder: Path, marker: Path, *, known: bool) -> Path:
    """The folder with code of its own in it, of a model type that transformers knows, or of one that it does not."""
    (folder / "evil.py").write_text(EVIL.format(marker=str(marker)), encoding="utf-8")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["auto_map"] = AUTO
    if not known:
        config["model_type"] = "evil"
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    tokenizer = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    tokenizer["auto_map"] = {"AutoTokenizer": [None, "evil.EvilTokenizer"]}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    return folder


def as_listed(folder: Path) -> Path:
    """A compact model whose description has the sha256 of what lies there now, as whoever made it would have them."""
    about = json.loads((folder / "compact.json").read_text(encoding="utf-8"))
    about["files"] = digests(folder)
    (folder / "compact.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def test_the_code_would_run_if_it_were_asked_for(made, tmp_path, marker):
    """Or the tests below would show nothing."""
    folder = with_code(shutil.copytree(made / "model", tmp_path / "model"), marker, known=False)
    load_encoder(folder, device="cpu", trust_remote_code=True)
    assert marker.exists()


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("load", [load_encoder, load_language_model])
def test_no_code_of_a_model_runs(load, known, made, tmp_path, marker):
    folder = with_code(shutil.copytree(made / "model", tmp_path / "model"), marker, known=known)
    try:
        load(folder, device="cpu")
    except NeurosieveError as error:
        assert str(folder) in str(error)  # noqa: PT017 (it may be read, as plain BERT, or be refused)
    assert not marker.exists()


@pytest.mark.parametrize("known", [True, False])
def test_no_code_of_a_compact_model_runs(known, made, tmp_path, marker):
    folder = with_code(shutil.copytree(made / "compact", tmp_path / "compact"), marker, known=known)
    as_listed(folder)
    try:
        CompactModel.from_pretrained(folder, device="cpu").predict(["The fox."], "a labelling")
    except NeurosieveError as error:
        assert str(folder) in str(error)  # noqa: PT017
    assert not marker.exists()


def stop(*_: object) -> None:
    raise NeurosieveError("seen")


def test_no_code_of_an_exported_model_runs(made, tmp_path, marker, monkeypatch):
    folder = as_listed(with_code(shutil.copytree(made / "compact", tmp_path / "compact"), marker, known=True))
    model = CompactModel.from_pretrained(folder, device="cpu")
    monkeypatch.setattr("neurosieve.export.folder.write_parts", stop)
    with pytest.raises(NeurosieveError, match="seen"):
        export_onnx(model, tmp_path / "export")
    shutil.copytree(made / "export", tmp_path / "other")
    (tmp_path / "other" / "evil.py").write_text(EVIL.format(marker=str(marker)), encoding="utf-8")
    assert Runtime.from_folder(tmp_path / "other").predict(["The fox."], "a labelling")
    assert not marker.exists()


def test_a_run_that_somebody_else_made_cannot_allow_code(made, tmp_path, marker, monkeypatch):
    """Its settings say that the model's code may run, and name a model that has some."""
    model = with_code(shutil.copytree(made / "model", tmp_path / "model"), marker, known=False)
    run = shutil.copytree(made / "run", tmp_path / "run")
    settings = load_settings(run / "run.toml").model_copy(update={"model": str(model), "trust_remote_code": True})
    write_config(settings, run / "run.toml")
    with pytest.raises(ConfigError, match=r"run\.toml says trust_remote_code, and a file cannot allow code to run"):
        reopen(run)
    assert not marker.exists()
    monkeypatch.setenv(TRUST, "1")
    with pytest.raises(ConfigError, match="is not the model that the run"):
        reopen(run)
    assert marker.exists()


def test_a_configuration_cannot_allow_code(tmp_path):
    path = tmp_path / "run.toml"
    write_config(RunSettings(task="code-roles", out="o", trust_remote_code=True), path)
    with pytest.raises(ConfigError, match="say --trust-remote-code, or set NEUROSIEVE_TRUST_REMOTE_CODE=1"):
        read_config(path)
    assert read_config(path, trust_remote_code=True)["trust_remote_code"] is True


def test_the_command_line_can(call, made, tmp_path):
    path = tmp_path / "run.toml"
    given = settings(made / "nothing", made / "columns", tmp_path / "o", trust_remote_code=True)
    write_config(given, path)
    refused = call("run", "--config", path)
    assert (refused.status, refused.out) == (1, "")
    assert "a file cannot allow code to run" in refused.err
    allowed = call("run", "--config", path, "--trust-remote-code")
    assert "There is no folder" in allowed.err


def test_pickled_weights_are_not_read(made, tmp_path, marker):
    folder = shutil.copytree(made / "model", tmp_path / "model")

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(marker),)

    weights: dict[str, object] = dict(load_file(folder / "model.safetensors"))
    (folder / "model.safetensors").unlink()
    torch.save(weights | {"evil": Evil()}, folder / "pytorch_model.bin")
    with pytest.raises(NeurosieveError, match="cannot be loaded"):
        load_encoder(folder, device="cpu")
    compact = shutil.copytree(made / "compact", tmp_path / "compact")
    (compact / "model.safetensors").unlink()
    shutil.copy(folder / "pytorch_model.bin", compact)
    with pytest.raises(NeurosieveError):
        CompactModel.from_pretrained(as_listed(compact), device="cpu")
    assert not marker.exists()


def test_a_config_that_claims_more_than_the_files_hold_is_refused_at_once(made, tmp_path):
    for change, said in (
        ({"num_hidden_layers": 10**9}, r"says num_hidden_layers = 1000000000, and its files hold \d+ tensors"),
        ({"intermediate_size": 10**9}, r"asks for [\d,]+ weights, and its files have [\d,]+ bytes"),
    ):
        folder = shutil.copytree(made / "compact", tmp_path / next(iter(change)))
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        (folder / "config.json").write_text(json.dumps(config | change), encoding="utf-8")
        with pytest.raises(NeurosieveError, match=said):
            CompactModel.from_pretrained(as_listed(folder), device="cpu")


OFFLINE = """
import socket, sys, time
time.sleep = lambda _: None  # between its five attempts at a file the hub's client waits for 23 s
asked = []
def refuse(*given, **__):
    asked.append(given)
    raise OSError("nobody can be reached")
socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
socket.create_connection = socket.getaddrinfo = refuse
{body}
print(len(asked))
"""


def alone(body: str, *args: object) -> subprocess.CompletedProcess[str]:
    """Python code in a process that cannot reach anybody, and is not told to stay offline."""
    told = {key: value for key, value in os.environ.items() if key not in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")}
    command = [sys.executable, "-c", OFFLINE.format(body=body), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=told)


def test_a_folder_asks_nobody(made, tmp_path):
    """Extraction, a compact model and its predictions, in a process where every connection is an error."""
    body = """
from pathlib import Path
from neurosieve.activations import load_encoder
from neurosieve.activations.persist import extract
from neurosieve.compact import CompactModel
made, place = map(Path, sys.argv[1:])
store = extract(load_encoder(made / "model", device="cpu"), [["The", "fox"]], place)
assert store.n_words == 2
assert CompactModel.from_pretrained(made / "compact", device="cpu").predict(["The fox."], "a labelling")
"""
    found = alone(body, made, tmp_path / "cache")
    assert (found.returncode, found.stdout) == (0, "0\n"), found.stderr


def test_a_hub_id_is_what_asks(tmp_path):
    body = """
from neurosieve.compact import CompactModel
from neurosieve.activations import load_encoder
from neurosieve.errors import NeurosieveError
for ask in (lambda: load_encoder("someone/something"), lambda: CompactModel.from_pretrained("someone/something")):
    try:
        ask()
    except NeurosieveError as error:
        print(error)
"""
    found = alone(body)
    assert found.returncode == 0, found.stderr
    told = found.stdout.splitlines()
    assert int(told[-1]) > 0
    assert "'someone/something' cannot be loaded" in told[0]
    assert "without network only a folder" in told[0]
    assert "'someone/something' is neither a folder nor a compact model that the hub gives" in told[1]
