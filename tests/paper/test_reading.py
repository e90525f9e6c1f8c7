from __future__ import annotations

import re

import numpy as np
import pytest

from neurosieve.corpus import load_task
from neurosieve.errors import ConfigError
from neurosieve.paper.exhibits import EXHIBITS, chosen, needed
from neurosieve.paper.reading import read, rows_of


def names(reading):
    return [task.name for task, _ in reading.tasks]


@pytest.mark.parametrize(
    ("exhibits", "tasks"),
    [
        (("table1",), ["pos"]),
        (("table2",), ["sst2"]),
        (("table1", "table2"), ["pos", "sst2"]),
        (("table3",), ["pos", "sst2"]),
        (("figure1",), []),
        (("figure1", "figure7"), ["pos"]),
        (("all",), ["pos", "sst2"]),
    ],
)
def test_only_tasks_that_an_exhibit_is_about_are_taken(world, exhibits, tasks):
    reading = read(world.settings("unused", exhibits=exhibits))
    assert names(reading) == tasks
    assert reading.wanted == needed(chosen(exhibits))
    assert [rows_of(corpus) for _, corpus in reading.tasks] == [{"pos": "words", "sst2": "texts"}[one] for one in tasks]


@pytest.mark.parametrize(
    ("exhibit", "tasks", "noun"),
    [
        ("table1", ("sst2",), "a task on words"),
        ("table10", ("pos",), "a task on texts"),
        ("finetuning", ("pos",), "a task on texts"),
        ("table3", (), "a task"),
    ],
)
def test_an_exhibit_without_a_task_for_it(world, exhibit, tasks, noun):
    label = EXHIBITS[exhibit].label
    message = f"{label} ({exhibit}) needs {noun}: name one with --task, or a --data-root."
    with pytest.raises(ConfigError, match=re.escape(message)):
        read(world.settings("unused", exhibits=("figure1", exhibit), tasks=tasks))
    read(world.settings("unused", exhibits=("all", exhibit), tasks=tasks, limit_text_words=50))


def test_the_text_is_the_first_task_on_words_s_test_split(world):
    reading = read(world.settings("unused", tasks=("sst2", "pos")))
    corpus = load_task("pos", world.data / "conll2000")
    assert reading.text == corpus.splits["test"]
    assert reading.text_name == "test split of conll2000"
    short = read(world.settings("unused", limit_text_words=20))
    assert short.text == corpus.splits["test"].limited(20)


def test_the_text_that_was_named(world, tmp_path):
    (tmp_path / "own.txt").write_text("The dog fell .\nNo fox is lazy .\n")
    reading = read(world.settings("unused", text=tmp_path / "own.txt"))
    assert reading.text.words == [("The", "dog", "fell", "."), ("No", "fox", "is", "lazy", ".")]
    assert reading.text_name == "own.txt"


def test_without_words_the_text_is_built_in(world):
    reading = read(world.settings("unused", tasks=("sst2",), limit_text_words=30))
    assert reading.text_name == "documentation of the Python library"
    assert 30 <= reading.text.n_words < 200


def test_no_text_is_read_for_tables(world):
    reading = read(world.settings("unused", exhibits=("table6", "figure14")))
    assert (reading.text, reading.text_name) == (None, "")


def test_dev_of_texts_is_cut_as_published(world):
    settings = world.settings("unused", tasks=("sst2",), exhibits=("table2",))
    (_, corpus), *_ = read(settings).tasks
    whole = [*load_task("sst2", world.data, dev_fraction=0.1).splits["train"].sentences]
    n = len(whole) + len(load_task("sst2", world.data).splits["dev"].sentences)
    assert (n, len(corpus.splits["train"].sentences)) == (150, int(0.9 * 150))
    order = np.random.RandomState(7361).permutation(150)[: int(0.9 * 150)]
    lines = (world.data / "SST-2" / "train.tsv").read_text().splitlines()[1:]
    expected = [lines[place].split("\t")[0].strip() for place in order]
    assert [texts[0].strip() for texts in corpus.splits["train"].texts] == expected
    other = read(settings.model_copy(update={"protocol": "default"})).tasks[0][1]
    assert other.splits["train"].sentences == tuple(whole)


@pytest.mark.parametrize("fraction", [0.05, 0.3])
def test_the_dev_fraction_is_handed_down(world, fraction):
    reading = read(world.settings("unused", dev_fraction=fraction, limit_text_words=20))
    pos, sst2 = (corpus.splits for _, corpus in reading.tasks)
    assert len(sst2["dev"].sentences) == 150 - int((1 - fraction) * 150)
    assert len(pos["dev"].sentences) == round(70 * fraction)


def test_the_limit_of_test_words_spares_train(world):
    full, short = (read(world.settings("unused", limit_test_words=limit)).tasks for limit in (None, 12))
    for (_, whole), (_, part) in zip(full, short, strict=True):
        assert part.splits["train"] == whole.splits["train"]
        for name in ("dev", "test"):
            assert part.splits[name] == whole.splits[name].limited(12)
            assert len(part.splits[name].sentences) < len(whole.splits[name].sentences)
