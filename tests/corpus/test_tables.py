"""Tables with a label per text: GLUE's TSV, CSV, JSON lines; tasks in TOML; duplicates."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from neurosieve.corpus import Corpus, Example, Sentence, Split, duplicates, load_task, read_table
from neurosieve.corpus.definition import KEYS
from neurosieve.corpus.glue import GLUE
from neurosieve.corpus.tables import Columns
from neurosieve.errors import CorpusError

ARABIC, GERMAN, CHINESE, FRENCH = "اللغة العربية جميلة", "Das große Haus", "东京很大。", "Le naïf cafe\u0301"
TEXTS = [ARABIC, GERMAN, CHINESE, FRENCH, 'He said "no" , twice', "👩‍👩‍👧 emoji"]


def put(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_glue_takes_quotes_bom_and_line_ends_as_they_are(bom, end, tmp_path):
    rows = [f"{text}\t{i % 2}" for i, text in enumerate(TEXTS)]
    path = put(tmp_path / "x.tsv", bom + end.join(["sentence\tlabel", *rows, ""]).encode())
    named = read_table(path, "glue", Columns(("sentence",), "label"))
    assert [item.texts for item in named.sentences] == [(text,) for text in TEXTS]
    assert [item.label for item in named.sentences] == ["0", "1"] * 3
    bare = put(tmp_path / "y.tsv", bom + end.join(rows).encode())
    numbered = read_table(bare, "glue", Columns((1,), 2))
    assert numbered.sentences == named.sentences


@pytest.mark.parametrize(("format", "separator"), [("csv", ","), ("tsv", "\t")])
def test_quoted_tables_hold_separators_quotes_and_line_ends(format, separator, tmp_path):
    odd = f'a{separator} b\n"c"'
    cells = ['"' + text.replace('"', '""') + '"' for text in [*TEXTS, odd]]
    text = "\n".join([separator.join(["one", "two", "verdict"]), *(separator.join([c, c, "yes"]) for c in cells)])
    found = read_table(put(tmp_path / "x", text), format, Columns(("one", "two"), "verdict"))
    assert [item.texts for item in found.sentences] == [(one, one) for one in [*TEXTS, odd]]


def test_json_lines_hold_texts_numbers_truth_and_lists(tmp_path):
    rows = [{"a": text, "b": GERMAN, "label": i % 3} for i, text in enumerate(TEXTS)]
    path = put(tmp_path / "x.jsonl", "\n".join(json.dumps(row, ensure_ascii=i % 2 == 0) for i, row in enumerate(rows)))
    found = read_table(path, "jsonl", Columns(("a", "b"), "label"))
    assert [(item.texts, item.label) for item in found.sentences] == [
        ((text, GERMAN), str(i % 3)) for i, text in enumerate(TEXTS)
    ]
    truth = put(tmp_path / "t.jsonl", '{"a": "x", "label": true}\n\n{"a": "y", "label": false}\n')
    assert [item.label for item in read_table(truth, "jsonl", Columns(("a",), "label")).sentences] == ["true", "false"]
    words = put(tmp_path / "w.jsonl", json.dumps({"tokens": [*ARABIC.split(), "!"], "tags": ["A", "B", "C", "D"]}))
    (sentence,) = read_table(words, "jsonl", Columns(("tokens",), "tags")).sentences
    assert sentence == Sentence((*ARABIC.split(), "!"), ("A", "B", "C", "D"))


@pytest.mark.parametrize(
    ("format", "content", "message"),
    [
        ("csv", "a,label\nx,1,2\n", r"x, line 2: expected 2 columns, as in the header; found 3"),
        ("csv", "a,label\nx\n", r"x, line 2: expected 2 columns, as in the header; found 1"),
        ("csv", 'a,label\n"x,1\n', r"x, line \d: not CSV: .*check the quotes"),
        ("csv", "a,a\nx,1\n", "the column 'a' occurs twice"),
        ("csv", "b,label\nx,1\n", r"line 2: there is no column 'a'; its columns are b, label"),
        ("csv", "a,label\n ,1\n", r"line 2: a text is empty"),
        ("csv", "a,label\nx, \n", r"line 2: the label is empty"),
        ("csv", "a,label\n", "holds no sentence"),
        ("csv", "", "holds no sentence"),
        ("jsonl", "{", r"line 1: not JSON"),
        ("jsonl", '{"a": "x", "label": 1}\n[1]', r"line 2: expected an object with named values"),
        ("jsonl", '{"a": "x"}', r"line 1: there is no column 'label'; its columns are a"),
        ("jsonl", '{"a": 3, "label": 1}', r"line 1: 3 is no text"),
        ("jsonl", '{"a": null, "label": 1}', r"line 1: a text is empty"),
        ("jsonl", '{"a": "x", "label": null}', r"line 1: the label is empty"),
        ("jsonl", '{"a": ["x", "y"], "label": ["A"]}', r"line 1: 2 words came with 1 labels"),
        ("jsonl", '{"a": ["x", ""], "label": ["A", "B"]}', r"line 1: a word or a label is empty"),
        ("glue", "a\tlabel\nx\n", r"line 2: there is no column 'label'; its columns are a"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(format, content, message, tmp_path):
    with pytest.raises(CorpusError, match=message):
        read_table(put(tmp_path / "x", content), format, Columns(("a",), "label"))


@pytest.mark.parametrize("columns", [("a",), (1, 2, 3, 4)])
def test_two_or_three_columns_are_needed(columns):
    with pytest.raises(CorpusError, match=f"not {len(columns)} columns"):
        Columns.of(columns)


def rows_of(labels: list[str]) -> str:
    return "text,label\n" + "".join(f"t{i},{label}\n" for i, label in enumerate(labels))


@pytest.mark.parametrize(
    ("labels", "kind", "expected"),
    [
        (["0", "1"] * 9, None, "classification"),
        (["0.5", "1"] * 9, None, "regression"),
        ([str(i) for i in range(21)], None, "regression"),
        ([str(i) for i in range(20)], None, "classification"),
        (["1", "good"] * 9, None, "classification"),
        (["0", "1"] * 9, "regression", "regression"),
        (["0.5", "1.5"] * 9, "classification", "classification"),
    ],
)
def test_whether_labels_are_numbers(labels, kind, expected, tmp_path):
    for name in ("train", "dev", "test"):
        put(tmp_path / f"{name}.csv", rows_of(labels))
    corpus = load_task("mine", tmp_path, columns=("text", "label"), kind=kind)
    assert corpus.kind == expected
    first = corpus.splits["dev"].sentences[0]
    assert first.label == (float(labels[0]) if expected == "regression" else labels[0])
    assert corpus.metrics[0] == ("pearson" if expected == "regression" else "accuracy")


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "tsv"])
def test_a_folder_of_tables_is_known_by_its_files(suffix, tmp_path):
    content = {
        "csv": "a,b,label\n" + f"{CHINESE},{ARABIC},x\n" * 20,
        "jsonl": (json.dumps({"a": CHINESE, "b": ARABIC, "label": "x"}) + "\n") * 20,
        "tsv": "a\tb\tlabel\n" + f"{CHINESE}\t{ARABIC}\tx\n" * 20,
    }[suffix]
    for name in ("train", "test"):
        put(tmp_path / f"{name}.{suffix}", content)
    corpus = load_task("mine", tmp_path, columns=("a", "b", "label"))
    assert corpus.splits["test"].sentences == (Example((CHINESE, ARABIC), "x"),) * 20
    assert [len(corpus.splits[name].sentences) for name in ("train", "dev")] == [18, 2]
    alone = load_task(
        "mine",
        train=tmp_path / f"train.{suffix}",
        test=tmp_path / f"test.{suffix}",
        columns=("a", "b", "label"),
    )
    assert alone.splits["train"].sentences == corpus.splits["train"].sentences


def test_tables_need_their_columns(tmp_path):
    for name in ("train", "test"):
        put(tmp_path / f"{name}.csv", rows_of(["a"] * 5))
    with pytest.raises(CorpusError, match="Say which columns hold the texts and the label"):
        load_task("mine", tmp_path)
    with pytest.raises(CorpusError, match="Files in columns need two numbers"):
        load_task("mine", tmp_path, columns=("text", "label"), format="columns")


HEADERS = {
    "sst2": ("SST-2", "sentence\tlabel", "good film\t1", ("good film",), "1"),
    "mrpc": ("MRPC", "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String", "1\t7\t8\tone\ttwo", ("one", "two"), "1"),
    "qnli": ("QNLI", "index\tquestion\tsentence\tlabel", "0\twhy\tso\tentailment", ("why", "so"), "entailment"),
    "qqp": ("QQP", "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate", "0\t1\t2\tq\tr\t0", ("q", "r"), "0"),
    "rte": ("RTE", "index\tsentence1\tsentence2\tlabel", "0\ta\tb\tentailment", ("a", "b"), "entailment"),
    "stsb": ("STS-B", "index\tsentence1\tsentence2\tscore", "0\ta\tb\t3.800", ("a", "b"), 3.8),
    "cola": ("CoLA", None, "gj04\t1\t\tOur friends.", ("Our friends.",), "1"),
    "mnli": ("MNLI", "index\tsentence1\tsentence2\tgold_label", "0\ta\tb\tneutral", ("a", "b"), "neutral"),
}


@pytest.mark.parametrize("task", sorted(GLUE))
@pytest.mark.parametrize("inside", [True, False])
def test_glue_by_name(task, inside, tmp_path):
    folder, header, row, texts, label = HEADERS[task]
    tests = ["dev_matched.tsv", "dev_mismatched.tsv"] if task == "mnli" else ["dev.tsv"]
    for file, count in (("train.tsv", 30), *((name, 4) for name in tests)):
        put(tmp_path / folder / file, "\n".join([*([header] if header else []), *[row] * count]))
    corpus = load_task(task, tmp_path / folder if inside else tmp_path)
    assert corpus.splits["train"].sentences[0] == Example(texts, label)
    sizes = {name: len(split.sentences) for name, split in corpus.splits.items()}
    assert sizes == {"train": 27, "dev": 3, "test": 4} | ({"test-mismatched": 4} if task == "mnli" else {})
    assert corpus.dev_is_cut_from_train
    assert corpus.name == folder
    assert corpus.metrics == GLUE[task].metrics


def test_a_glue_file_with_known_faults_is_read_past_them(tmp_path):
    folder, header, row = HEADERS["qqp"][:3]
    put(tmp_path / folder / "train.tsv", "\n".join([header, *[row] * 10, "5\t6\t7\tbroken"]))
    put(tmp_path / folder / "dev.tsv", "\n".join([header, row]))
    with pytest.warns(
        UserWarning, match=r"train\.tsv: 1 row\(s\) lack a column and are left out, the first in line 12"
    ):
        corpus = load_task("qqp", tmp_path)
    assert sum(len(corpus.splits[name].sentences) for name in ("train", "dev")) == 10


def test_glue_without_files_or_folder(tmp_path):
    with pytest.raises(CorpusError, match=r"holds neither train\.tsv nor SST-2/train\.tsv: name the folder of"):
        load_task("sst2", tmp_path)
    with pytest.raises(CorpusError, match="No data was named; give the folder of SST-2"):
        load_task("sst2")


@pytest.mark.parametrize(
    ("task", "sizes"),
    [
        ("sst2", (67349, 872)),
        ("mrpc", (3667, 408)),
        ("rte", (2490, 277)),
        ("stsb", (5749, 1500)),
        ("cola", (8551, 1043)),
    ],
)
def test_published_glue(task, sizes, shared_data):
    corpus = load_task(task, shared_data / "glue")
    train = sum(len(corpus.splits[name].sentences) for name in ("train", "dev"))
    assert (train, len(corpus.splits["test"].sentences)) == sizes
    assert abs(len(corpus.splits["dev"].sentences) - train / 10) <= 0.5


def test_duplicates_are_counted_by_pairs_of_splits():
    train = Split((Example(("a",), "1"), Example(("b",), "0"), Example(("a",), "0"), Example(("c", "d"), "1")))
    dev = Split((Example(("b",), "1"), Example(("e",), "0")))
    test = Split((Example(("a",), "1"), Example(("a",), "1"), Example(("c", "d"), "0"), Example(("d", "c"), "0")))
    found = duplicates(Corpus("x", {"train": train, "dev": dev, "test": test}))
    assert [(one.first, one.second, one.count, one.examples) for one in found] == [
        ("train", "dev", 1, ("b",)),
        ("train", "test", 2, ("a", "c | d")),
    ]
    words = Split((Sentence(("the", "fox"), ("A", "B")),))
    same = Split((Sentence(("the", "fox"), ("B", "B")),))
    (one,) = duplicates(Corpus("x", {"train": words, "test": same}))
    assert one.examples == ("the fox",)


def test_duplicates_of_the_parallel_meaning_bank(shared_data):
    found = {(one.first, one.second): one.count for one in duplicates(load_task("sem", shared_data / "pmb_en_gold"))}
    assert [found["train", other] for other in ("dev", "test", "test-eval")] == [11, 6, 4]


def test_the_examples_of_the_documentation_are_read(tmp_path):
    page = (Path(__file__).resolve().parents[2] / "docs" / "tasks.md").read_text(encoding="utf-8")
    sentiment, tags = re.findall(r"```toml\n# \w+\.toml\n(.*?)```", page, flags=re.DOTALL)
    rows = "review,verdict\n" + "".join(f"text {i},{'good' if i % 2 else 'bad'}\n" for i in range(30))
    put(tmp_path / "reviews-train.csv", rows), put(tmp_path / "reviews-test.csv", rows)
    corpus = load_task(str(put(tmp_path / "sentiment.toml", sentiment)))
    assert (corpus.kind, corpus.classes, corpus.metrics) == (
        "classification",
        ("bad", "good"),
        ("macro_f1", "accuracy"),
    )
    for name in ("train", "dev", "test"):
        put(tmp_path / f"{name}.txt", f"{GERMAN.split()[1]} x ADJ\nHaus y NN\n\n" * 4)
    corpus = load_task(str(put(tmp_path / "tags.toml", tags)))
    assert corpus.splits["dev"].sentences[0] == Sentence(("große", "Haus"), ("ADJ", "NN"))
    assert all(key in page for key in KEYS)


def test_what_the_caller_says_comes_before_the_file(tmp_path):
    put(tmp_path / "a.csv", rows_of(["x", "y"] * 10)), put(tmp_path / "b.csv", rows_of(["z"]))
    task = put(
        tmp_path / "t.toml", 'train = "a.csv"\ntest = "a.csv"\ncolumns = ["text", "label"]\nmetrics = ["macro_f1"]'
    )
    corpus = load_task(str(task), test=tmp_path / "b.csv", metrics=("accuracy",))
    assert len(corpus.splits["test"].sentences) == 1
    assert corpus.metrics == ("accuracy",)


@pytest.mark.parametrize(
    "row",
    [
        (ARABIC.split(), "A"),
        (GERMAN.split(), "ADJ"),
        ([CHINESE], "ZH"),
        (FRENCH.split(), "x"),
        (["👩‍👩‍👧", "a\u200db"], "E"),
    ],
)
def test_words_of_any_script_stay_with_their_labels(row, tmp_path):
    words, label = row
    columns = "".join(f"{word}\t{label}{i}\r\n" for i, word in enumerate(words)) + "\r\n"
    conllu = "".join(f"{i}\t{word}\t_\t{label}\t_\t_\t0\troot\t_\t_\n" for i, word in enumerate(words, 1)) + "\n"
    for name in ("train", "dev", "test"):
        put(tmp_path / "c" / f"{name}.txt", b"\xef\xbb\xbf" + columns.encode())
        put(tmp_path / "u" / f"x-{name}.conllu", conllu)
    found = load_task("mine", tmp_path / "c", columns=(1, 2), format="columns")
    assert found.splits["test"].sentences[0] == Sentence(tuple(words), tuple(f"{label}{i}" for i in range(len(words))))
    found = load_task("pos", tmp_path / "u")
    assert found.splits["test"].sentences[0] == Sentence(tuple(words), (label,) * len(words))
