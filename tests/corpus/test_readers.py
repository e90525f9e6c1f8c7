from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.corpus import Sentence, read_columns, read_conllu, read_text
from neurosieve.corpus.files import read_source
from neurosieve.errors import CorpusError

# Right-to-left text, emoji joined by invisible characters, combining marks, line separators that are no line ends.
HARD_WORDS = ("שלום", "مرحبا", "👩‍👩‍👧", "e\u0301", "a\u0085b", "c\u2028d", "10\u00a0000", "\u200b", "#", "\ufeffx")


@pytest.fixture
def file(tmp_path: Path):
    def write(content: str | bytes, name: str = "corpus.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def words_of(split) -> list[tuple[str, ...]]:
    return [sentence.words for sentence in split.sentences]


# --- files


@pytest.mark.parametrize("read", [read_text, read_conllu, lambda path: read_columns(path, words=1, labels=2)])
@pytest.mark.parametrize("content", ["", "\n", " \r\n\t\n\n", "\ufeff"])
def test_a_file_without_a_sentence_is_an_error(file, read, content: str) -> None:
    with pytest.raises(CorpusError, match=r"corpus\.txt holds no sentence"):
        read(file(content))


def test_bytes_that_are_not_utf8_are_placed(file) -> None:
    with pytest.raises(CorpusError, match=r"corpus\.txt, line 2, byte 5: b'\\xff' is not UTF-8"):
        read_text(file(b"one\nt\xffo\n"))


def test_a_byte_order_mark_does_not_shift_the_place_of_a_fault(file) -> None:
    with pytest.raises(CorpusError, match="line 1, byte 4:"):
        read_text(file(b"\xef\xbb\xbfa\xe9 b\n"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"none\.txt cannot be read: No such file"):
        read_text(tmp_path / "none.txt")


def test_sources_hold_the_digest_of_the_bytes(file) -> None:
    content = b"\xef\xbb\xbfa b\r\n"
    assert read_text(file(content)).sources == {"corpus.txt": hashlib.sha256(content).hexdigest()}


def test_only_line_feeds_end_lines(file) -> None:
    assert read_source(file("a\u0085b\x0cc\u2028d\x1ee\r\nf\n")).lines == ["a\u0085b\x0cc\u2028d\x1ee", "f", ""]


# --- plain text


def test_text_is_a_sentence_per_line(file) -> None:
    split = read_text(file("\ufeffA b  c\r\n\r\n \t \r\nd\te\r\n"))
    assert split.sentences == (Sentence(("A", "b", "c")), Sentence(("d", "e")))


# --- columns


def test_columns_are_chosen_by_number(file) -> None:
    path = file("1 He PRP\n2 runs VBZ\n\n\n1 No UH\n")
    assert read_columns(path, words=2, labels=3).sentences == (
        Sentence(("He", "runs"), ("PRP", "VBZ")),
        Sentence(("No",), ("UH",)),
    )
    assert read_columns(path, words=3, labels=None).sentences == (Sentence(("PRP", "VBZ")), Sentence(("UH",)))


def test_hard_words_stay_aligned_in_white_space_columns(file) -> None:
    content = "\ufeff" + "".join(f"{word} \t L{i} \r\n" for i, word in enumerate(HARD_WORDS)) + "\r\n"
    (sentence,) = read_columns(file(content), words=1, labels=2).sentences
    assert sentence == Sentence(HARD_WORDS, tuple(f"L{i}" for i in range(len(HARD_WORDS))))


def test_tab_separated_fields_may_hold_blanks(file) -> None:
    split = read_columns(file("New York\tLOC\r\n \tSP\n\n"), words=1, labels=2, separator="\t")
    assert split.sentences == (Sentence(("New York", " "), ("LOC", "SP")),)


def test_a_literal_mask_and_identical_sentences_stay(file) -> None:
    split = read_columns(file("[MASK] X\n\n" * 3), words=1, labels=2)
    assert split.sentences == (Sentence(("[MASK]",), ("X",)),) * 3


def test_document_starts_are_skipped_and_part_sentences(file) -> None:
    split = read_columns(file("-DOCSTART- O\n\na X\n-DOCSTART- O\nb Y\n"), words=1, labels=2)
    assert words_of(split) == [("a",), ("b",)]


def test_comments_are_skipped_only_when_asked_for(file) -> None:
    path = file("# N\na M\n")
    assert words_of(read_columns(path, words=1, labels=2)) == [("#", "a")]
    assert words_of(read_columns(path, words=1, labels=2, comments="#")) == [("a",)]


def test_a_mark_for_inner_spaces_is_one_only_inside_a_word(file) -> None:
    path = file("Charles~de~Gaulle\tA\n~\tB\n~5\tC\na~~b\tD\n")
    (sentence,) = read_columns(path, words=1, labels=2, separator="\t", inner_space="~").sentences
    assert sentence.words == ("Charles de Gaulle", "~", "~5", "a  b")


def test_a_ragged_line_is_named(file) -> None:
    with pytest.raises(
        CorpusError, match=r"corpus\.txt, line 4: expected 3 columns, as in line 3 .*; found 4: 'c d X B'"
    ):
        read_columns(file("a X B\n\nb X B\nc d X B\n"), words=1, labels=2)


def test_a_missing_column_is_named(file) -> None:
    with pytest.raises(CorpusError, match=r"line 2: expected at least 3 columns, to read column 3; found 2"):
        read_columns(file("\na X\n"), words=1, labels=3)


@pytest.mark.parametrize(("line", "empty"), [("\tX", "word"), ("a\t", "label")])
def test_an_empty_field_is_named(file, line: str, empty: str) -> None:
    with pytest.raises(CorpusError, match=f"line 2: the {empty} is empty"):
        read_columns(file(f"b\tY\n{line}\n"), words=1, labels=2, separator="\t")


@pytest.mark.parametrize(("words", "labels"), [(0, 1), (1, 0), (-1, None)])
def test_columns_count_from_one(file, words: int, labels: int | None) -> None:
    with pytest.raises(CorpusError, match="Columns are counted from 1"):
        read_columns(file("a X\n"), words=words, labels=labels)


fields = st.text(st.characters(codec="utf-8", exclude_characters="\t\n\r"), min_size=1, max_size=6)
tagged = st.lists(st.lists(st.tuples(fields, fields), min_size=1, max_size=5), min_size=1, max_size=4)


@given(sentences=tagged, line_end=st.sampled_from(["\n", "\r\n"]), mark=st.sampled_from(["", "\ufeff"]))
def test_columns_give_back_what_was_written(tmp_path_factory, sentences, line_end: str, mark: str) -> None:
    rows = [[(word, label) for word, label in rows if (word + label).strip()] for rows in sentences]
    rows = [[row for row in part if not row[0].startswith("-DOCSTART-")] for part in rows]
    expected = tuple(Sentence(*zip(*part, strict=True)) for part in rows if part)
    if not expected:
        return
    path = tmp_path_factory.getbasetemp() / "round_trip.tsv"
    text = line_end.join("".join(f"{word}\t{label}{line_end}" for word, label in part) for part in rows)
    path.write_bytes((mark + text).encode())
    assert read_columns(path, words=1, labels=2, separator="\t").sentences == expected


# --- CoNLL-U

CONLLU = """\
# sent_id = 1
# text = Él dámelo
1\tÉl\tél\tPRON\tPP\tCase=Nom|Number=Sing\t2\tnsubj\t_\t_
2-3\tdámelo\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
2\tda\tdar\tVERB\t_\tMood=Imp\t0\troot\t_\t_
3\tmelo\tyo\tPRON\tPP\t_\t2\tobj:x\t_\t_
3.1\tgone\t_\tVERB\t_\t_\t_\t_\t0:root\t_

1\t_\t_\tPUNCT\t_\t_\t0\troot\t_\t_
2\ta b\tab\tX\t_\tNumber=Plur\t1\tdep\tnot|parsed\t_
"""


@pytest.mark.parametrize(
    ("label", "labels"),
    [
        ("upos", [("PRON", "VERB", "PRON"), ("PUNCT", "X")]),
        ("xpos", [("PP", "_", "PP"), ("_", "_")]),
        ("deprel", [("nsubj", "root", "obj:x"), ("root", "dep")]),
        ("feats:Number", [("Sing", "_", "_"), ("_", "Plur")]),
    ],
)
@pytest.mark.parametrize("prepare", [str, lambda text: "\ufeff" + text.replace("\n", "\r\n")])
def test_conllu_keeps_the_syntactic_words(file, label: str, labels: list[tuple[str, ...]], prepare) -> None:
    split = read_conllu(file(prepare(CONLLU)), label=label)
    assert words_of(split) == [("Él", "da", "melo"), ("_", "a b")]
    assert [sentence.labels for sentence in split.sentences] == labels


def test_conllu_without_labels(file) -> None:
    assert read_conllu(file(CONLLU), label=None).sentences[1] == Sentence(("_", "a b"))


def test_hard_words_stay_aligned_in_conllu(file) -> None:
    lines = (f"{i}\t{word}\t_\tT{i}\t_\t_\t_\t_\t_\t_\n" for i, word in enumerate(HARD_WORDS, start=1))
    (sentence,) = read_conllu(file("".join(lines))).sentences
    assert sentence == Sentence(HARD_WORDS, tuple(f"T{i + 1}" for i in range(len(HARD_WORDS))))


@pytest.mark.parametrize("label", ["lemma", "feats:", "UPOS", "2"])
def test_an_unknown_conllu_label_is_refused(file, label: str) -> None:
    with pytest.raises(CorpusError, match=f"CoNLL-U has no label '{label}'; give one of upos, xpos, deprel, or feats"):
        read_conllu(file(CONLLU), label=label)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("2\tb\tb\tX", "expected 10 columns separated by tabs, found 4"),
        ("2\tb  c\tb\tX\t_\t_\t0\troot\t_\t_", "expected 10 columns separated by tabs, found 11"),
        ("two\tb\tb\tX\t_\t_\t0\troot\t_\t_", "'two' is not a valid ID"),
        ("_\tb\tb\tX\t_\t_\t0\troot\t_\t_", "a word has no number in column 1"),
        ("2\t\tb\tX\t_\t_\t0\troot\t_\t_", "word 2 has an empty FORM"),
        ("2\tb\tb\t\t_\t_\t0\troot\t_\t_", "word 2 has an empty UPOS"),
        ("no tabs", "must contain either tabs or two spaces"),
    ],
)
def test_a_fault_in_conllu_is_placed(file, line: str, fault: str) -> None:
    good = "1\ta\ta\tX\t_\t_\t0\troot\t_\t_\n"
    with pytest.raises(CorpusError, match=rf"corpus\.txt, in the sentence that ends at line 4: not CoNLL-U: .*{fault}"):
        read_conllu(file(f"{good}\n{good}{line}\n\n\n{good}"))
