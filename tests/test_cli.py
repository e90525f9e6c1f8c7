from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import typer

from neurosieve import cli
from neurosieve.run.results import Results
from neurosieve.run.settings import RunSettings, TaskSettings
from tests.conftest import Outcome
from tests.run.small import sentences, without_clocks, write, write_corpus, write_sst2, write_stsb
from tests.tiny_models import make_tiny

COMMANDS = (
    *("demo", "run", "extract", "general", "task", "finetune", "paper", "predict", "info", "rankings", "nested"),
    *("inspect", "front", "choose", "ablate", "models", "explain", "bench", "shrink", "export", "compare"),
)
TEXT = "The fox, lazy.\n\n a dog is\n"


def process(*args: object, **more: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "neurosieve.cli", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=900, check=False, **more)  # type: ignore[call-overload, no-any-return]


def fails(outcome: Outcome, message: str) -> None:
    """A user's mistake: status 1, one line on standard error, nothing on standard output."""
    assert outcome.status == 1
    assert outcome.out == ""
    assert re.fullmatch(rf"neurosieve: [^\n]*{message}[^\n]*\n", outcome.err), outcome.err


def is_misuse(outcome: Outcome, message: str) -> None:
    """Wrong use: status 2, and what is wrong on standard error."""
    assert outcome.status == 2
    assert outcome.out == ""
    assert "─ Error ─" in outcome.err
    assert message in outcome.err


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny("bert", tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("data"), train=40, test=12)


def asked(model: Path, data: Path, out: Path, *more: object) -> list[object]:
    where = ["--model", model, "--data", data, "--out", out]
    return [*where, "--cache", out.parent / "cache", "--device", "cpu", *more]


class Ran(NamedTuple):
    out: Path
    process: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def ran(model: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A real process that believes its standard error to be a terminal, so that it draws its progress."""
    out = tmp_path_factory.mktemp("runs") / "mine"
    found = process("run", *asked(model, data, out, "--task", "chunk", "--json"), env=os.environ | {"FORCE_COLOR": "1"})
    assert found.returncode == 0, found.stderr
    return Ran(out, found)


def test_json_alone_is_on_standard_output(ran):
    assert Results.model_validate_json(ran.process.stdout) == Results.load(ran.out / "results.json")
    assert ran.process.stdout.count("\n") == 1


def test_progress_is_on_standard_error(ran):
    for stage in ("extract train", "sieve", "compact model"):
        assert stage in ran.process.stderr


def test_what_a_run_leaves(ran):
    assert (ran.out / "report.html").is_file()
    assert (ran.out / "compact" / "compact.json").is_file()
    assert any((ran.out / "tables").iterdir())
    assert any((ran.out / "figures").iterdir())
    assert json.loads(ran.process.stdout)["command"].startswith("neurosieve run --model ")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(call, command):
    status, out, err = call(command, "--help")
    assert (status, err) == (0, "")
    example = re.search(rf"Example:[^\n]*neurosieve {command} [^\n]*", out)
    assert example, out


def test_every_option_of_an_example_exists(call):
    for command in COMMANDS:
        out = call(command, "--help").out
        example = re.search(rf"neurosieve ({command}) [^\n│]*", out[out.index("Example") :])
        assert example
        given = {word for word in shlex.split(example[0].replace("`", "")) if word.startswith("--")}
        listed = set(re.findall(r"--[a-z-]+", out.replace(example[0], "")))
        assert given <= listed


def test_the_commands(call):
    status, out, _ = call("--help")
    assert status == 0
    assert set(COMMANDS) <= set(re.findall(r"│ ([a-z]+) ", out))
    assert call().status == 2


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["walk"], "No such command 'walk'"),
        (["run"], "Missing option '--out'"),
        (["task"], "Missing option '--out'"),
        (["run", "--out", "o"], "give --data FOLDER"),
        (["run", "--out", "o", "--data", "d", "--wrong"], "No such option: --wrong"),
        (["run", "--out", "o", "--data", "d", "--tolerance", "2"], "--tolerance"),
        (["run", "--out", "o", "--data", "d", "--tolerance", "none"], "--tolerance"),
        (["run", "--out", "o", "--data", "d", "--limit-train-words", "0"], "--limit-train-words"),
        (["run", "--out", "o", "--data", "d", "--protocol", "papers"], "--protocol"),
        (["run", "--out", "o", "--data", "d", "--threshold", "1.5"], "--threshold"),
        (["run", "--out", "o", "--data", "d", "--columns", "1"], "--columns"),
        (["run", "--out", "o", "--data", "d", "--columns", "a,b,c,d"], "--columns"),
        (["run", "--out", "o", "--data", "d", "--pooling", "max"], "--pooling"),
        (["run", "--out", "o", "--data", "d", "--sublayer", "norm"], "--sublayer"),
        (["run", "--out", "o", "--data", "d", "--task", "pos", "--task", "pos"], "'pos' was given twice"),
        (["run", "--out", "o", "--data", "d", "--confidence", "0.3"], "--confidence"),
        (["run", "--out", "o", "--data", "d", "--seed", "-1"], "--seed"),
        (["run", "--out", "o", "--data", "d", "--device", "banana"], "banana"),
        (["task", "--out", "o", "--data", "d", "--layer-tolerance", "-1"], "--layer-tolerance"),
        (["general", "--out", "o"], "Missing option '--text'"),
        (["general", "--out", "o", "--text", "t", "--moment-products", "float16"], "--moment-products"),
        (["extract", "--out", "o"], "give --data FOLDER"),
        (["predict"], "Missing argument"),
        (["predict", "c", "nowhere.txt"], "nowhere.txt"),
        (["predict", "c", "--device", "cuda:one"], "cuda:one"),
        (["info"], "Missing argument"),
        (["demo", "extra"], "extra"),
    ],
)
def test_wrong_use(call, args, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    is_misuse(call(*args), message)
    assert not list(tmp_path.iterdir())


def test_mistakes_with_the_corpus(call, model, data, tmp_path):
    out = tmp_path / "out"
    fails(call("run", *asked(model, tmp_path / "nothing", out)), "nothing is not a folder")
    fails(call("run", *asked(model, data, out, "--task", "ccg")), "not 'ccg'")
    fails(call("run", *asked(model, data, out, "--format", "xml")), "There is no format 'xml'")
    fails(call("task", *asked(model, data, out, "--test", tmp_path / "no.txt")), r"no\.txt cannot be read")
    fails(call("task", *asked(model, data, out, "--columns", "1,9")), "column 9")
    empty = write_corpus(tmp_path / "empty")
    (empty / "train.txt").write_text("", encoding="utf-8")
    fails(call("run", *asked(model, empty, out)), r"train\.txt holds no sentence")
    (empty / "train.txt").write_bytes(b"caf\xe9 NN O\n")
    fails(call("run", *asked(model, empty, out)), "is not UTF-8")


def test_mistakes_with_the_model(call, data, tmp_path):
    out = tmp_path / "out"
    fails(call("run", *asked(tmp_path / "nothing", data, out)), "There is no folder")
    fails(call("run", *asked(data, data, out)), "cannot be loaded")
    fails(call("info", tmp_path / "nothing"), "There is no folder")


def test_mistakes_with_a_text(call, model, tmp_path):
    where = ["--model", model, "--device", "cpu", "--out", tmp_path / "out"]
    fails(call("general", *where, "--text", tmp_path / "no.txt"), "cannot be read")
    (tmp_path / "empty.txt").write_text("\n \n", encoding="utf-8")
    fails(call("general", *where, "--text", tmp_path / "empty.txt"), "holds no sentence")
    fails(call("extract", *where, "--text", tmp_path / "empty.txt"), "holds no sentence")


def test_mistakes_with_a_compact_model(call, ran, tmp_path):
    fails(call("predict", tmp_path), r"is no compact model")
    (tmp_path / "compact.json").write_text("{", encoding="utf-8")
    fails(call("predict", tmp_path), "is damaged")
    fails(call("info", tmp_path), "is damaged")
    (tmp_path / "results.json").write_text("{}", encoding="utf-8")
    fails(call("info", tmp_path), "is damaged")


def test_a_folder_that_cannot_be_written(call, model, data, tmp_path):
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    fails(
        call("run", *asked(model, data, tmp_path / "out")),
        r"cannot be written: \S+/out is no folder that may be written to",
    )


def test_a_mistake_in_a_real_process_shows_no_traceback(tmp_path):
    found = process("predict", tmp_path)
    assert found.returncode == 1
    assert (found.stdout, found.stderr.count("\n")) == ("", 1)
    assert found.stderr.startswith("neurosieve: ")


def test_predict_from_standard_input_and_from_a_file(call, ran, tmp_path):
    status, out, err = call("predict", ran.out / "compact", stdin=TEXT.encode())
    assert (status, err) == (0, "")
    rows = [line.split("\t") for line in out.splitlines()]
    assert [row[0] for row in rows] == ["The", "fox", ",", "lazy", ".", "", "a", "dog", "is", ""]
    assert all(len(row) == 2 for row in rows if row[0])
    (tmp_path / "text.txt").write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert call("predict", ran.out / "compact", tmp_path / "text.txt").out == out
    assert call("predict", ran.out / "compact", stdin=b"\xef\xbb\xbf" + TEXT.encode()).out == out


def test_predict_as_json(call, ran):
    out = call("predict", ran.out / "compact", "--json", stdin=TEXT.encode() + "naïve \u200b\n".encode()).out
    found = [json.loads(line) for line in out.splitlines()]
    assert [one["words"] for one in found] == [
        ["The", "fox", ",", "lazy", "."],
        ["a", "dog", "is"],
        ["naïve", "\u200b"],
    ]
    assert all(set(one) == {"words", "labels", "probabilities"} for one in found)
    assert all(len(one["words"]) == len(one["labels"]) == len(one["probabilities"]) for one in found)
    assert found[2]["labels"][1] is None
    assert "naïve" in out


def test_predict_words_as_they_stand(call, ran):
    out = call("predict", ran.out / "compact", "--split", "space", stdin=TEXT.encode()).out
    assert [line.split("\t")[0] for line in out.splitlines()] == ["The", "fox,", "lazy.", "", "a", "dog", "is", ""]


def test_predict_labels_what_the_run_learnt(call, ran):
    rows = sentences(12, 2)
    text = "\n".join(" ".join(word for word, _, _ in one) for one in rows)
    out = call("predict", ran.out / "compact", stdin=text.encode()).out
    labels = [line.split("\t")[1] for line in out.splitlines() if line]
    gold = [chunk for one in rows for _, _, chunk in one]
    right = sum(a == b for a, b in zip(labels, gold, strict=True)) / len(gold)
    assert right == pytest.approx(Results.load(ran.out / "results.json").tasks["chunk"].sieve.test.value)


def test_predict_nothing(call, ran, tmp_path):
    assert call("predict", ran.out / "compact") == Outcome(0, "", "")
    (tmp_path / "empty.txt").touch()
    assert call("predict", ran.out / "compact", tmp_path / "empty.txt") == Outcome(0, "", "")


def test_predict_what_is_no_text(call, ran, tmp_path):
    fails(call("predict", ran.out / "compact", stdin=b"caf\xe9\n"), "Standard input is not UTF-8 text")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9\n")
    fails(call("predict", ran.out / "compact", tmp_path / "latin.txt"), r"latin\.txt is not UTF-8 text")


def test_predict_in_a_real_process(ran):
    found = process("predict", ran.out / "compact", "--device", "cpu", input=TEXT)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith("The\t")


@pytest.mark.parametrize("what", ["", "compact"])
def test_info(call, ran, what):
    status, out, err = call("info", ran.out / what)
    assert (status, err) == (0, "")
    assert out.count("\n") >= 3
    facts = json.loads(call("info", ran.out / what, "--json").out)
    assert facts["tasks"]


def test_info_of_a_model_and_of_a_store(call, ran, model):
    assert json.loads(call("info", model, "--json").out)["family"] == "bert"
    store = next((ran.out.parent / "cache" / "activations").iterdir())
    assert json.loads(call("info", store, "--json").out)["layers"] == 4
    assert "Activations of" in call("info", store).out


def test_run_in_words(call, model, data, tmp_path):
    more = ["--threshold", 0, "--confidence", 0, "--representative", "random"]
    status, out, err = call("run", *asked(model, data, tmp_path / "out", *more))
    assert (status, err) == (0, "")
    assert out.startswith("- ")
    for name in ("report.html", "results.json", "compact"):
        assert str(tmp_path / "out" / name) in out
    found = Results.load(tmp_path / "out" / "results.json")
    assert found.tasks["pos"].sieve.confidence is None
    assert found.tasks["pos"].sieve.steps[1].threshold is None
    assert found.settings["representative"] == "random"


def test_options_reach_the_run(call, model, tmp_path):
    train = write(tmp_path / "a.txt", sentences(30, 1))
    test = write(tmp_path / "b.txt", sentences(8, 2))
    options = ["--model", model, "--train", train, "--test", test, "--columns", "1,3", "--task", "mine"]
    options += ["--out", tmp_path / "out", "--cache", tmp_path / "cache", "--aggregation", "average"]
    options += ["--layer-tolerance", 0.05, "--seed", 3, "--batch-tokens", 100, "--window", 32, "--device", "cpu"]
    options += ["--moment-products", "tf32"]
    found = json.loads(call("task", *options, "--json").out)
    assert found["tasks"]["mine"]["corpus"]["classes"] == ["B-NP", "B-VP", "E-NP", "I-NP", "O", "S-NP"]
    assert found["tasks"]["mine"]["sieve"] is None
    assert found["tasks"]["mine"]["layer_tolerance"] == 0.05
    assert (found["seed"], found["model"]["window"]) == (3, 32)
    assert found["settings"]["aggregation"] == "average"
    assert found["settings"]["moment_products"] == "tf32"


def test_general(call, model, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("the fox is lazy .\n" * 30, encoding="utf-8")
    options = ["--model", model, "--text", text, "--out", tmp_path / "out", "--device", "cpu"]
    found = json.loads(call("general", *options, "--limit-words", 50, "--json").out)
    assert (found["general"]["words"], found["tasks"]) == (50, {})
    assert found["settings"]["moment_products"] == "float32"
    found = json.loads(call("general", *options, "--moment-products", "bfloat16", "--json").out)
    assert found["settings"]["moment_products"] == "bfloat16"
    fails(call("general", *options, "--moment-products", "tf32", "--threshold", 0.5), "--threshold")
    status, out, err = call("general", *options)
    assert (status, err) == (0, "")
    assert "report.html" in out
    assert "Compact model" not in out


def test_extract_twice_gives_one_store(call, model, data, tmp_path):
    options = ["--model", model, "--data", data, "--out", tmp_path / "out", "--device", "cpu"]
    found = json.loads(call("extract", *options, "--json").out)
    assert set(found) == {"train", "dev", "test"}
    assert all(Path(one["folder"]).is_dir() and one["words"] > 0 and one["missing"] == 0 for one in found.values())
    status, out, err = call("extract", *options)
    assert (status, err) == (0, "")
    assert out.splitlines()[0].startswith(f"train: {found['train']['words']} words (0 without a vector)")
    assert len(list((tmp_path / "out" / "activations").iterdir())) == 3


def test_extract_a_text(call, model, tmp_path):
    (tmp_path / "text.txt").write_text("the fox \u200b .\n", encoding="utf-8")
    options = ["--model", model, "--text", tmp_path / "text.txt", "--out", tmp_path / "out", "--device", "cpu"]
    assert "text: 4 words (1 without a vector)" in call("extract", *options).out


def test_an_interrupt_ends_with_one_line_and_status_130(call, monkeypatch, tmp_path):
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("neurosieve.report.contents.contents", interrupt)
    status, out, err = call("info", tmp_path)
    assert (status, out) == (130, "")
    assert re.fullmatch(r"neurosieve: interrupted\.[^\n]*\n", err)


def test_a_reader_that_goes_away_is_no_failure_to_shout_about(ran):
    command = [sys.executable, "-m", "neurosieve.cli", "predict", str(ran.out / "compact"), "--device", "cpu"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        running.stdout.close()
        assert running.stdin
        running.stdin.write(TEXT.encode() * 50)
        running.stdin.close()
        assert running.wait(timeout=60) == 1
        assert running.stderr
        assert b"Traceback" not in running.stderr.read()


def test_help_needs_no_heavy_library():
    code = (
        "import sys; from neurosieve import cli\n"
        "heavy = {'torch', 'transformers', 'sklearn', 'pandas', 'matplotlib', 'scipy'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (found.returncode, found.stderr) == (0, "")


def test_wrong_use_in_a_real_process(tmp_path):
    found = process("run", "--out", tmp_path / "out")
    assert found.returncode == 2
    assert found.stdout == ""
    assert "Traceback" not in found.stderr


@pytest.fixture(scope="module")
def several(model: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three tasks of three kinds from a configuration; its folder."""
    root = tmp_path_factory.mktemp("several")
    write_sst2(root / "SST-2", 60, 20), write_stsb(root / "STS-B", 60, 20)
    config = root / "mine.toml"
    config.write_text(
        f'model = "{model}"\ncache = "cache"\ndevice = "cpu"\npooling = "mean"\n'
        f'[[tasks]]\ntask = "pos"\ndata = "{data}"\n'
        '[[tasks]]\ntask = "sst2"\ndata = "SST-2"\n[[tasks]]\ntask = "stsb"\ndata = "STS-B"\n',
        encoding="utf-8",
    )
    found = process("run", "--config", config, "--out", root / "out", "--tolerance", "0.1")
    assert found.returncode == 0, found.stderr
    return root / "out"


def test_a_run_from_a_configuration(call, several):
    found = json.loads((several / "results.json").read_text(encoding="utf-8"))
    assert list(found["tasks"]) == found["compact"]["tasks"] == ["pos", "sst2", "stsb"]
    assert found["settings"]["tolerance"] == 0.1
    again = several.parent / "again"
    assert call("run", "--config", several / "run.toml", "--out", again).status == 0
    repeated = json.loads((again / "results.json").read_text(encoding="utf-8"))
    repeated["environment"].pop("threads"), found["environment"].pop("threads")
    assert without_clocks(repeated) == without_clocks(found)


def test_predict_with_each_head(call, several):
    where = ["predict", several / "compact", "--device", "cpu"]
    words = call(*where, "--task", "pos", stdin=b"the fox .\n").out
    assert [line.split("\t")[0] for line in words.split("\n")[:3]] == ["the", "fox", "."]
    texts = call(*where, "--task", "sst2", stdin=b"the quick fox .\nthe lazy fox .\n").out
    assert re.fullmatch(r"[01]\tthe quick fox \.\n[01]\tthe lazy fox \.\n", texts)
    numbers = call(*where, "--task", "stsb", stdin=b"fox fox\tdog dog\n").out
    assert re.fullmatch(r"-?\d+\.\d{4}\tfox fox\tdog dog\n", numbers)
    (line,) = call(*where, "--task", "stsb", "--json", stdin=b"fox\tdog\n").out.splitlines()
    assert json.loads(line)["texts"] == ["fox", "dog"]
    fails(call(*where, stdin=b"the fox\n"), "pos.*sst2.*stsb")
    fails(call(*where, "--task", "ner", stdin=b"the fox\n"), "ner")


def test_info_of_several(call, several):
    status, out, _ = call("info", several / "compact")
    assert status == 0
    assert "sst2 (classification, mean of a text): " in out
    assert "stsb (regression, mean of a text): " in out
    status, out, _ = call("info", several)
    assert status == 0
    assert re.search(r"stsb +oracle", out)


def test_the_defaults_of_the_command_line_are_those_of_the_settings():
    command = typer.main.get_command(cli.app).commands["run"]
    for option in command.params:
        name = {"file_format": "format"}.get(option.name, option.name)
        for kind in (RunSettings, TaskSettings):
            field = kind.model_fields.get(name)
            if field is not None and not field.is_required() and name not in ("task", "tasks"):
                given = getattr(option.default, "value", option.default)
                assert (given or None) == (field.default or None), name
