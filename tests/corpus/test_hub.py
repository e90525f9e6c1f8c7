"""Hugging Face data sets on local folders; the hub itself is never asked."""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path

import pytest

from neurosieve.corpus import Example, Sentence, hub, load_task
from neurosieve.errors import CorpusError

COLUMNS = ("text", "label")

pytestmark = pytest.mark.filterwarnings("ignore")  # the library and what it builds on warn about themselves


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(hub, "PACKAGE", "no_such_package_anywhere")
    with pytest.raises(CorpusError, match=r'pip install "neurosieve\[hub\]"'):
        load_task("mine", "someone/something", format="datasets", columns=COLUMNS)


def test_a_hub_that_cannot_be_reached(monkeypatch):
    module = types.ModuleType("neurosieve_fake_datasets")

    def load_dataset(name: str, config: str | None) -> None:
        raise ConnectionError(f"Couldn't reach {name!r} on the Hub ({config})")

    module.load_dataset = load_dataset  # type: ignore[attr-defined]
    module.__spec__ = types.SimpleNamespace(name=module.__name__)  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(hub, "PACKAGE", module.__name__)
    with pytest.raises(CorpusError, match=r"'a/b:c' cannot be loaded: Couldn't reach 'a/b' .*\(c\).*without network"):
        load_task("mine", "a/b:c", format="datasets", columns=COLUMNS)


def kept(folder, features, **splits):
    """Save rows as `save_to_disk` does; made from JSON lines, since tables in memory fail with some versions."""
    datasets = pytest.importorskip("datasets")
    files = {}
    for name, rows in splits.items():
        files[name] = str(folder.with_name(f"{folder.name}-{name}.jsonl"))
        Path(files[name]).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    made = datasets.load_dataset(
        "json", data_files=files, features=features and features(datasets), cache_dir=str(folder.with_name("cache"))
    )
    made.save_to_disk(str(folder))
    return str(folder)


def saved(folder, **splits):
    def features(datasets):
        names = datasets.ClassLabel(names=["bad", "good"])
        return datasets.Features({"text": datasets.Value("string"), "label": names})

    rows = {name: [{"text": text, "label": label} for text, label in split] for name, split in splits.items()}
    return kept(folder, features, **rows)


def test_a_saved_data_set_with_named_classes(tmp_path):
    rows = [(f"text {i} 东京", i % 2) for i in range(20)]
    folder = saved(tmp_path / "d", train=rows, validation=rows[:3], test=rows[:5])
    corpus = load_task("mine", folder, format="datasets", columns=COLUMNS)
    assert corpus.classes == ("bad", "good")
    assert {name: len(split.sentences) for name, split in corpus.splits.items()} == {"train": 20, "dev": 3, "test": 5}
    assert corpus.splits["test"].sentences[1] == Example(("text 1 东京",), "good")
    assert not corpus.dev_is_cut_from_train


def test_a_test_split_without_labels_is_no_test(tmp_path):
    rows = [(f"text {i}", i % 2) for i in range(20)]
    folder = saved(tmp_path / "d", train=rows, validation=rows[:4], test=[("held back", -1)])
    corpus = load_task("mine", folder, format="datasets", columns=COLUMNS)
    assert len(corpus.splits["test"].sentences) == 4
    assert corpus.dev_is_cut_from_train


def test_words_and_numbers(tmp_path):
    words = [{"tokens": ["the", "fox"], "tags": ["D", "N"]}] * 12
    folder = kept(tmp_path / "w", None, train=words, test=words)
    corpus = load_task("mine", folder, format="datasets", columns=("tokens", "tags"))
    assert corpus.splits["test"].sentences[0] == Sentence(("the", "fox"), ("D", "N"))
    scores = [{"a": "x", "b": "y", "score": i / 4} for i in range(12)]
    folder = kept(tmp_path / "s", None, train=scores, test=scores)
    corpus = load_task("mine", folder, format="datasets", columns=("a", "b", "score"))
    assert corpus.kind == "regression"
    assert corpus.splits["test"].sentences[2] == Example(("x", "y"), 0.5)


@pytest.mark.parametrize(
    ("columns", "message"), [(("words", "label"), "no column 'words'"), (("text", "y"), "no column 'y'")]
)
def test_columns_that_are_not_there(columns, message, tmp_path):
    folder = saved(tmp_path / "d", train=[("a", 0), ("b", 1)], test=[("c", 1)])
    with pytest.raises(CorpusError, match=f"{message}; the columns are text, label"):
        load_task("mine", folder, format="datasets", columns=columns)


def test_a_data_set_without_a_labelled_split(tmp_path):
    folder = saved(tmp_path / "d", train=[("a", 0), ("b", 1)])
    with pytest.raises(CorpusError, match="no labelled split for test"):
        load_task("mine", folder, format="datasets", columns=COLUMNS)


def test_a_folder_of_data_files(tmp_path):
    pytest.importorskip("datasets")
    for name in ("train", "test"):
        (tmp_path / f"{name}.csv").write_text("text,label\n" + "good film,yes\nbad film,no\n" * 6, encoding="utf-8")
    corpus = load_task("mine", str(tmp_path), format="datasets", columns=COLUMNS)
    assert corpus.classes == ("no", "yes")
