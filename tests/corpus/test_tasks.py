from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from neurosieve.corpus import TASKS, Sentence, load_task, unseen_labels
from neurosieve.errors import CorpusError

COLUMNS = "He PRP B-NP\nruns VBZ B-VP\n\n"
PMB = "# newdoc id = 1\n# tok:gold\ttok:gold\nA~B\tA~B\tab\tPER\tn\tO\t[]\nran\tran\trun\tEPS\ts\\np\tO\t[]\n\n"
CONLLU = "# text = Go\n1\tGo\tgo\tVERB\tVB\tMood=Imp\t0\troot\t_\t_\n\n"

Write = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Write:
    def write(**files: str) -> Path:
        for name, content in files.items():
            (tmp_path / name.replace("__", ".").replace("_", "-")).write_text(content, encoding="utf-8")
        return tmp_path

    return write


def test_the_named_tasks() -> None:
    assert {"pos", "sem", "ccg", "chunk", "sst2", "mrpc", "mnli", "qnli", "qqp", "rte", "stsb", "cola"} == set(TASKS)


@pytest.mark.parametrize(("task", "labels"), [("pos", ("PRP", "VBZ")), ("chunk", ("B-NP", "B-VP"))])
def test_a_conll2000_folder(folder: Write, task: str, labels: tuple[str, ...]) -> None:
    corpus = load_task(task, folder(train__txt=COLUMNS * 20, test__txt=COLUMNS))
    assert corpus.splits["test"].sentences == (Sentence(("He", "runs"), labels),)
    assert [len(corpus.splits[name].sentences) for name in ("train", "dev", "test")] == [18, 2, 1]
    assert corpus.dev_is_cut_from_train
    assert list(corpus.splits) == ["train", "dev", "test"]
    assert set(corpus.splits["dev"].sources) == {"train.txt"}


@pytest.mark.parametrize(("task", "labels"), [("sem", ("PER", "EPS")), ("ccg", ("n", "s\\np"))])
def test_a_pmb_folder(folder: Write, task: str, labels: tuple[str, ...]) -> None:
    corpus = load_task(task, folder(train__conll=PMB, dev__conll=PMB, test__conll=PMB))
    assert corpus.splits["train"].sentences == (Sentence(("A B", "ran"), labels),)
    assert not corpus.dev_is_cut_from_train


@pytest.mark.parametrize(("label", "found"), [(None, "VERB"), ("xpos", "VB"), ("feats:Mood", "Imp")])
def test_a_universal_dependencies_folder(folder: Write, label: str | None, found: str) -> None:
    place = folder(en_x_ud_train__conllu=CONLLU, en_x_ud_dev__conllu=CONLLU, en_x_ud_test__conllu=CONLLU)
    corpus = load_task("pos", place, label=label)
    assert corpus.splits["dev"].sentences == (Sentence(("Go",), (found,)),)
    assert corpus.name == place.name


def test_columns_override_the_layout(folder: Write) -> None:
    corpus = load_task("lemma", folder(train__conll=PMB, dev__conll=PMB, test__conll=PMB), columns=(2, 3))
    assert corpus.splits["test"].sentences[0] == Sentence(("A B", "ran"), ("ab", "run"))


def test_files_of_the_users_own(folder: Write) -> None:
    place = folder(a__tsv="X\tNew York\nY\tis\n\n" * 4, b__tsv="X\tParis\n\n")
    corpus = load_task("mine", columns=(2, 1), train=place / "a.tsv", test=place / "b.tsv", dev_fraction=0.5)
    assert corpus.splits["train"].sentences == (Sentence(("New York", "is"), ("X", "Y")),) * 2
    assert corpus.splits["test"].sentences == (Sentence(("Paris",), ("X",)),)


def test_conllu_files_of_the_users_own(folder: Write) -> None:
    path = folder(a__conllu=CONLLU) / "a.conllu"
    corpus = load_task("pos", train=path, dev=path, test=str(path))
    assert corpus.splits["train"].labels == {"VERB"}
    renamed = folder(a__txt=CONLLU) / "a.txt"
    corpus = load_task("relations", format="conllu", label="deprel", train=renamed, dev=renamed, test=renamed)
    assert corpus.splits["train"].labels == {"root"}


def test_a_format_by_the_name_of_a_layout(folder: Write) -> None:
    path = folder(a__txt=PMB) / "a.txt"
    corpus = load_task("sem", format="pmb", train=path, dev=path, test=path)
    assert corpus.classes == ("EPS", "PER")


def test_a_folder_of_columns_by_number(folder: Write) -> None:
    corpus = load_task("x", folder(train__tsv="a\tX\n\nb\tY\n", test__tsv="c\tZ\n"), columns=(1, 2))
    assert corpus.splits["train"].n_words == corpus.splits["dev"].n_words == 1
    assert unseen_labels(corpus)["test"] == ("Z",)


def test_an_explicit_file_replaces_the_folders(folder: Write) -> None:
    place = folder(train__txt=COLUMNS * 2, test__txt=COLUMNS, other__txt="No UH B-INTJ\n", dev2__txt="Oh UH B-INTJ\n")
    corpus = load_task("pos", place, test=place / "other.txt", dev=place / "dev2.txt")
    assert corpus.splits["test"].sentences == (Sentence(("No",), ("UH",)),)
    assert corpus.splits["dev"].sentences == (Sentence(("Oh",), ("UH",)),)


def test_of_two_layouts_the_one_that_offers_the_task_is_taken(folder: Write) -> None:
    place = folder(train__txt=COLUMNS * 2, test__txt=COLUMNS, train__conll=PMB, dev__conll=PMB, test__conll=PMB)
    assert load_task("pos", place).classes == ("PRP", "VBZ")
    assert load_task("sem", place).classes == ("EPS", "PER")


def test_the_limit_comes_before_the_cut(folder: Write) -> None:
    place = folder(train__txt=COLUMNS * 100, test__txt=COLUMNS)
    corpus = load_task("pos", place, limit_train_words=39)
    assert corpus.splits["train"].n_words + corpus.splits["dev"].n_words == 40
    assert len(corpus.splits["dev"].sentences) == 2


def test_the_seed_chooses_the_dev_sentences(folder: Write) -> None:
    place = folder(train__txt="".join(f"w{i} X O\n\n" for i in range(50)), test__txt=COLUMNS)
    dev = [load_task("pos", place, seed=seed).splits["dev"] for seed in (1, 1, 2)]
    assert dev[0] == dev[1] != dev[2]


def test_the_published_split_shuffles_texts_and_leaves_words_as_they_were(folder: Write) -> None:
    rows = "".join(f"text {i}\t{i % 2}\n" for i in range(50))
    place = folder(train__tsv=f"sentence\tlabel\n{rows}", dev__tsv="sentence\tlabel\ntext\t0\ntext\t1\n")
    corpus = load_task("sst2", place, published_split=True)
    order = np.random.RandomState(7361).permutation(50).tolist()
    found = [[int(texts[0].split()[1]) for texts in corpus.splits[name].texts] for name in ("train", "dev")]
    assert found == [order[:45], order[45:]]
    assert corpus.dev_is_cut_from_train
    assert list(corpus.splits) == ["train", "dev", "test"]
    plain = load_task("sst2", place).splits["train"].texts
    assert plain == sorted(plain, key=lambda texts: int(texts[0].split()[1]))
    halves = load_task("sst2", place, published_split=True, dev_fraction=0.5, seed=1)
    assert len(halves.splits["dev"].sentences) == 25
    words = folder(train__txt=COLUMNS * 50, test__txt=COLUMNS)
    assert load_task("pos", words, published_split=True) == load_task("pos", words)


def test_the_published_split_leaves_a_dev_file_alone(folder: Write) -> None:
    text = "text,label\n" + "".join(f"t{i},{'ab'[i % 2]}\n" for i in range(20))
    place = folder(train__csv=text, dev__csv=text, test__csv=text)
    asked = {"columns": ("text", "label")}
    corpus = load_task("mine", place, published_split=True, **asked)
    assert corpus == load_task("mine", place, **asked)
    assert not corpus.dev_is_cut_from_train


# --- what cannot be done is said


def test_a_task_that_the_folder_cannot_give(folder: Write) -> None:
    with pytest.raises(CorpusError, match=r"has the layout conll2000, which offers chunk, pos, not 'ccg'"):
        load_task("ccg", folder(train__txt=COLUMNS, test__txt=COLUMNS))


def test_files_without_a_place_for_labels(folder: Write) -> None:
    path = folder(a__txt=COLUMNS) / "a.txt"
    with pytest.raises(
        CorpusError, match=r"The format is columns, which offers no task by name, not 'pos'; .*columns of"
    ):
        load_task("pos", train=path, test=path)


@pytest.mark.parametrize(
    ("files", "task", "message"),
    [
        ({"train__txt": COLUMNS}, "pos", r"\(layout conll2000\) lacks test\.txt for the split test"),
        ({"test__txt": COLUMNS}, "pos", r"\(layout conll2000\) lacks train\.txt for the split train"),
        ({"train__conll": PMB}, "sem", r"\(layout pmb\) lacks test\.conll for the split test"),
        ({"en_ud_train__conllu": CONLLU}, "pos", r"\(layout ud\) lacks \*test\.conllu for the split test"),
        ({"other__txt": COLUMNS}, "pos", r"no corpus of a known layout \(looked for conll2000: train\.txt, dev\.txt"),
        ({"train__txt": "", "test__txt": COLUMNS}, "pos", r"train\.txt holds no sentence"),
    ],
)
def test_missing_and_empty_files(folder: Write, files: dict[str, str], task: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        load_task(task, folder(**files))


def test_two_treebanks_in_one_folder(folder: Write) -> None:
    place = folder(a_ud_train__conllu=CONLLU, b_ud_train__conllu=CONLLU, a_ud_test__conllu=CONLLU)
    with pytest.raises(CorpusError, match=r"2 files for train \(a-ud-train\.conllu, b-ud-train\.conllu\)"):
        load_task("pos", place)


def test_no_data_at_all(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="No data was named"):
        load_task("pos")
    with pytest.raises(CorpusError, match="is not a folder"):
        load_task("pos", tmp_path / "absent")
    (tmp_path / "a.txt").write_text(COLUMNS)
    with pytest.raises(CorpusError, match="No file was named for the split test"):
        load_task("pos", train=tmp_path / "a.txt", format="conll2000")


def test_contradictions(folder: Write) -> None:
    place = folder(train__txt=COLUMNS * 2, test__txt=COLUMNS)
    with pytest.raises(CorpusError, match=r"no format 'xml'; choose one of columns, conll2000, conllu, pmb, ud"):
        load_task("pos", place, format="xml")
    with pytest.raises(CorpusError, match="Give either columns"):
        load_task("pos", place, columns=(1, 2), label="upos")
    with pytest.raises(CorpusError, match=r"train\.txt is in columns; give the numbers"):
        load_task("pos", place, label="upos")
    path = folder(a__conllu=CONLLU) / "a.conllu"
    with pytest.raises(CorpusError, match=r"a\.conllu is CoNLL-U; give a label"):
        load_task("pos", train=path, test=path, columns=(1, 2))
