from __future__ import annotations

from pathlib import Path

import pytest

from neurosieve.errors import CorpusError
from neurosieve.paper.find import PAPER_TASKS, TRAIN_WORDS, find_corpora, tasks_for
from neurosieve.run.settings import BUILTIN_TASKS


def lay_out(root: Path, *files: str) -> Path:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return root


CONLL = ("train.txt", "test.txt")
UD = ("en-ud-train.conllu", "en-ud-test.conllu")
PMB = ("train.conll", "test.conll")
GLUE = ("train.tsv", "dev.tsv")


def inside(folder: str, files: tuple[str, ...]) -> list[str]:
    return [f"{folder}/{file}" for file in files]


def found(root: Path) -> dict[str, str]:
    return {task: str(folder.relative_to(root)) for task, folder in find_corpora(root).items()}


@pytest.mark.parametrize(
    ("files", "tasks"), [(CONLL, ["pos", "chunk"]), (UD, ["pos"]), (PMB, ["sem", "ccg"])], ids=["conll", "ud", "pmb"]
)
def test_a_corpus_of_words_in_the_root_or_in_a_folder(tmp_path, files, tasks):
    assert found(lay_out(tmp_path / "a", *files)) == dict.fromkeys(tasks, ".")
    assert found(lay_out(tmp_path / "b", *inside("corpus", files))) == dict.fromkeys(tasks, "corpus")


@pytest.mark.parametrize(
    ("task", "folder", "test"), [("sst2", "SST-2", "dev.tsv"), ("mnli", "MNLI", "dev_matched.tsv")]
)
def test_glue_in_the_root_or_in_a_folder(tmp_path, task, folder, test):
    files = inside(folder, ("train.tsv", test))
    assert found(lay_out(tmp_path / "a", *files)) == {task: "."}
    assert found(lay_out(tmp_path / "b", *(f"glue/{file}" for file in files))) == {task: "glue"}


def test_everything_in_the_order_of_the_tables(tmp_path):
    glue = ("STS-B", "RTE", "QQP", "QNLI", "MRPC", "SST-2", "CoLA")
    lay_out(tmp_path, *(file for name in glue for file in inside(f"glue/{name}", GLUE)))
    lay_out(tmp_path, *inside("glue/MNLI", ("train.tsv", "dev_matched.tsv")))
    lay_out(tmp_path, *inside("a", CONLL), *inside("b", PMB), *inside("c", ("readme.md",)))
    assert list(found(tmp_path)) == list(PAPER_TASKS)


def test_of_two_corpora_the_first_layout_is_taken(tmp_path):
    lay_out(tmp_path, *inside("a-ud", UD), *inside("b-conll", CONLL))
    assert found(tmp_path)["pos"] == "b-conll"


def test_of_two_corpora_of_one_layout_the_root_and_then_the_first_name_is_taken(tmp_path):
    lay_out(tmp_path, *inside("b", CONLL), *inside("c", CONLL))
    assert found(tmp_path) == {"pos": "b", "chunk": "b"}
    assert found(lay_out(tmp_path, *CONLL)) == {"pos": ".", "chunk": "."}
    lay_out(tmp_path, *inside("d/SST-2", GLUE), *inside("e/SST-2", GLUE))
    assert found(tmp_path)["sst2"] == "d"


@pytest.mark.parametrize(
    "files",
    [
        ("notes/readme.md",),
        ("conll/train.txt",),
        ("glue/SST-2/dev.tsv",),
        ("glue/MNLI/train.tsv", "glue/MNLI/dev.tsv"),
        ("deeper/still/train.txt", "deeper/still/test.txt"),
    ],
)
def test_a_folder_without_a_whole_corpus(tmp_path, files):
    with pytest.raises(CorpusError, match="holds no corpus of a known layout, and none of its folders does"):
        find_corpora(lay_out(tmp_path, *files))


def test_no_folder(tmp_path):
    with pytest.raises(CorpusError, match="absent is not a folder; name the one that holds the corpora"):
        find_corpora(tmp_path / "absent")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return lay_out(tmp_path, *inside("conll", CONLL), *inside("glue/RTE", GLUE))


def test_all_that_are_found_with_the_paper_s_limit_for_words_alone(root):
    tasks = tasks_for([], root)
    assert [(task.task, task.data, task.limit_train_words) for task in tasks] == [
        ("pos", str(root / "conll"), TRAIN_WORDS),
        ("chunk", str(root / "conll"), TRAIN_WORDS),
        ("rte", str(root / "glue"), None),
    ]
    assert TRAIN_WORDS == 150_000


def test_a_limit_holds_for_all(root):
    tasks = tasks_for(["rte", "pos", "code-roles", "mine.toml"], root, 70)
    assert [task.name for task in tasks] == ["rte", "pos", "code-roles", "mine"]
    assert {task.limit_train_words for task in tasks} == {70}
    assert [task.data for task in tasks] == [str(root / "glue"), str(root / "conll"), None, None]


def test_without_a_root_the_built_in_tasks():
    assert tuple(task.task for task in tasks_for([], None)) == BUILTIN_TASKS
    limits = {task.task: task.limit_train_words for task in tasks_for([], None)}
    assert limits == {name: TRAIN_WORDS if name == "code-roles" else None for name in BUILTIN_TASKS}
    assert [task.limit_train_words for task in tasks_for([], None, 9)] == [9] * len(BUILTIN_TASKS)


def test_a_task_that_is_not_there(root):
    with pytest.raises(CorpusError, match=r"no corpus for 'sem'\. .* offers pos, chunk, rte; built in are code-roles"):
        tasks_for(["pos", "sem"], root)
    with pytest.raises(CorpusError, match=r"no corpus for 'pos'\. No --data-root was named; built in are code-roles"):
        tasks_for(["pos"], None)


def test_the_real_corpora(shared_data):
    folders = find_corpora(shared_data)
    assert list(folders) == ["pos", "sem", "ccg", "chunk", "sst2", "mrpc", "rte", "stsb"]
    words = {"pos": "conll2000", "chunk": "conll2000", "sem": "pmb_en_gold", "ccg": "pmb_en_gold"}
    assert {task: folder.name for task, folder in folders.items()} == {
        task: words.get(task, "glue") for task in folders
    }
