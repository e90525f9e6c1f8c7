"""What fuzzing found, each as a small input: it stays mended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fuzz.target import judged
from fuzz.targets import load

DEFINITIONS = [
    b'data = ["corpus"]\ncolumns = [1, 2]\n',  # a path that is a list
    b"train = 3\ntest = 4\ncolumns = [1, 2]\n",
    b'train = "train.csv"\ntest = "test.csv"\ncolumns = [["text"], "label"]\n',  # a column that is a list
    b'train = "train.csv"\ntest = "test.csv"\ncolumns = ["text", "label"]\nmetrics = [1]\n',
    b'train = "train.csv"\ntest = "test.csv"\ncolumns = ["text", "label"]\nkind = "x"\n',
    b'train = "train.csv"\ntest = "test.csv"\ncolumns = ["text", "label"]\nformat = ["csv"]\n',
    b'data = "corpus"\ncolumns = [2]\n',  # what is wrong was said without the file
    b'data = "corpus"\ncolumns = [0, 2]\n',
    b'format = "csv"\ntrain = "train.csv"\n',
    b'data = "' + b"a" * 300 + b'"\ncolumns = [1, 2]\n',  # longer than a file's name may be
    b'train = "' + b"a" * 300 + b'"\ntest = "x"\ncolumns = [1, 2]\n',
    b'train = "a\\u0000b"\ntest = "x"\ncolumns = [1, 2]\n',
    b'train = "/dev/zero"\ntest = "/dev/zero"\ncolumns = [1, 2]\n',  # read for ever
    b"columns = [" + b"9" * 5000 + b"]\n",  # more digits than Python turns into a number
    b"columns = " + b"[" * 3000,
    b"x" * 5000 + b" = 1\n",  # a message of as many characters
]
TEXTS = [
    ("jsonl", b'{"text": "one", "other": "two", "label": ' + b"9" * 400 + b"}\n"),  # no float is as large
    ("jsonl", b'{"text": "one", "label": "x"}\n{"text": ["a"], "label": ["X"]}\n'),  # a text, then a list of words
    ("jsonl", b'{"words": [null], "labels": [{}]}\n'),
    ("jsonl", b'{"text": "one", "other": "two", "' + b"l" * 3000 + b'": 1}\n'),  # a message of any length
    ("conllu", b"1\t" + b"x" * 5000 + b"\n"),
    ("lines", b'{"text": ' + b"9" * 5000 + b"}\n"),
    ("lines", b'{"a":' * 1200),
    ("lines", b'{"' + b"x" * 5000 + b'": 1}\n'),
    ("settings", b'out = "o"\nseed = 1\ntasks = 2\n'),
    ("settings", b'out = "o"\ntask = 2\n'),
    ("finetuning", b'{"base": "\xff\xfe"}'),
    ("results", b"\xff\xfe"),
    ("records", b'{"front":' + b"[" * 3000),
]


@pytest.mark.parametrize(("name", "data"), [*(("definition", data) for data in DEFINITIONS), *TEXTS])
def test_it_is_refused_by_name(name, data, made, tmp_path):
    place = tmp_path / "input"
    place.mkdir()
    outcome = judged(load(name)(made, place), data)
    assert outcome.finding is None
    assert outcome.shape


def test_a_name_that_is_too_long_for_a_file_is_no_path(made, tmp_path):
    (tmp_path / "input").mkdir()
    data = b'out = "o"\nmodel = "%s"\n[[tasks]]\ntask = "x"\ndata = "%s"\n' % (b"a" * 300, b"a" * 300)
    assert judged(load("settings")(made, tmp_path / "input"), data).shape == ""


def header(name: str, **change: object) -> object:
    """A change to a tensor's facts in the header of a safetensors file."""

    def changed(found: dict[str, object]) -> None:
        found[name] = dict(found[name], **change)  # type: ignore[call-overload]

    return changed


MOMENTS = [
    lambda found: found.update(__metadata__={"moments": '{"layers": 1, "units": 32, "count": -1}'}),
    lambda found: found.update(__metadata__={"moments": '{"layers": 10000000000, "units": 32, "count": 1}'}),
    lambda found: found.update(__metadata__={"moments": "[" * 3000}),
    lambda found: found.update(__metadata__={"moments": "9" * 5000}),
    lambda found: found.pop("__metadata__"),
    header("sums", shape=[8, 4]),
    header("columns", dtype="F64"),
    header("products", shape=[1024]),
    header("minimum", dtype="I32"),
]


@pytest.mark.parametrize("change", MOMENTS)
def test_moments_that_do_not_go_together_are_refused(change, made, tmp_path):
    from fuzz.targets.stores import packed, parts_of

    place = tmp_path / "input"
    place.mkdir()
    found, values = parts_of(made / "moments" / "plain.safetensors")
    change(found)
    outcome = judged(load("moments")(made, place), packed(found, values))
    assert outcome.finding is None
    assert "does not hold moments" in outcome.shape


def folder(name: str, made: Path, place: Path, **files: object) -> str:
    """How a folder of a model ends in which some files hold something else."""
    place.mkdir()
    target = load(name)(made, place)
    whole = json.loads(target.seeds[0])
    for file, change in files.items():
        file = file.replace("_", ".")
        whole[file] = change(whole[file]) if callable(change) else change
    outcome = judged(target, json.dumps(whole).encode())
    assert outcome.finding is None, outcome.finding
    return outcome.shape


def first_bad(found: dict[str, object]) -> dict[str, object]:
    return {name: dict(facts, shape=[1, 1, 1]) if name == "0.weight" else facts for name, facts in found.items()}  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "files",
    [
        {"config_json": 3},
        {"config_json": []},
        {"head_safetensors": first_bad},
        {"head_safetensors": {}},
        {"model_safetensors": {}},
        {"tokenizer_json": {}},
        {"config_json": lambda found: found | {"neurosieve_rows": {"encoder.layer.0": "x"}}},
        {"config_json": lambda found: found | {"num_hidden_layers": 10**12}},
    ],
)
def test_a_compact_model_that_is_nonsense_is_refused(files, made, tmp_path):
    assert folder("compact", made, tmp_path / "input", **files)


def without_a_class(found: dict[str, object]) -> dict[str, object]:
    tasks = {name: dict(task, classes=task["classes"][:-1]) for name, task in found["tasks"].items()}  # type: ignore[attr-defined]
    return found | {"tasks": tasks}


@pytest.mark.parametrize("files", [{"runtime_json": without_a_class}, {"runtime_json": []}, {"tokenizer_json": 1}])
def test_an_export_that_is_nonsense_is_refused(files, made, tmp_path):
    assert folder("export", made, tmp_path / "input", **files)
