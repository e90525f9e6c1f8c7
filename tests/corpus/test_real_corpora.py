"""The counts that the shared corpora are known to have."""

from __future__ import annotations

from pathlib import Path

import pytest

from neurosieve.corpus import Corpus, load_task


def counts(corpus: Corpus) -> dict[str, tuple[int, int]]:
    return {name: (len(split.sentences), split.n_words) for name, split in corpus.splits.items()}


@pytest.mark.parametrize(("task", "n_classes"), [("pos", 44), ("chunk", 22)])
def test_conll2000(shared_data: Path, task: str, n_classes: int) -> None:
    corpus = load_task(task, shared_data / "conll2000")
    assert counts(corpus) == {"train": (8042, 190724), "dev": (894, 21003), "test": (2012, 47377)}
    assert (8042 + 894, 190724 + 21003) == (8936, 211727)
    assert corpus.dev_is_cut_from_train
    assert len({*corpus.classes, *corpus.splits["dev"].labels}) == n_classes


def test_conll2000_limited(shared_data: Path) -> None:
    corpus = load_task("chunk", shared_data / "conll2000", limit_train_words=150_000)
    assert corpus.splits["train"].n_words + corpus.splits["dev"].n_words == 150_036


@pytest.mark.parametrize(("task", "n_classes"), [("sem", 69), ("ccg", 294)])
def test_pmb(shared_data: Path, task: str, n_classes: int) -> None:
    corpus = load_task(task, shared_data / "pmb_en_gold")
    assert counts(corpus) == {
        "train": (7745, 50408),
        "dev": (1174, 7368),
        "test": (1053, 6821),
        "test-eval": (841, 5710),
    }
    assert len(corpus.classes) == n_classes
    assert any("Charles de Gaulle" in sentence.words for sentence in corpus.splits["train"].sentences)


def test_english_web_treebank(shared_data: Path) -> None:
    corpus = load_task("pos", shared_data / "ud_english_ewt")
    assert counts(corpus) == {"train": (12544, 204577), "dev": (2001, 25147), "test": (2077, 25094)}
    assert len(corpus.classes) == 17
    assert not corpus.dev_is_cut_from_train
