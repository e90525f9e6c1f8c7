from __future__ import annotations

import ast
import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from neurosieve.corpus import Corpus, Example, code_tasks, docstring_match, function_complexity, library
from neurosieve.corpus.code_tasks import MATCHES, SIGNATURE_WORDS, SOURCE_WORDS, SOURCES, SUMMARY_WORDS
from neurosieve.corpus.functions import complexity, functions
from neurosieve.corpus.library import Module, documented_modules, read_modules
from neurosieve.corpus.parsing import EVEN_TENTHS, parse_quietly, split_of
from neurosieve.errors import CorpusError

DIGEST = """
import hashlib, sys
from neurosieve.corpus import docstring_match, function_complexity
for corpus in (docstring_match(), function_complexity()):
    print(hashlib.sha256(repr(corpus).encode()).hexdigest())
print("turtle" in sys.modules, "smtplib" in sys.modules)
"""


@pytest.fixture(scope="module")
def matches() -> Corpus:
    return docstring_match()


@pytest.fixture(scope="module")
def sources() -> Corpus:
    return function_complexity()


@pytest.fixture
def small_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder in the standard library's place."""
    monkeypatch.setattr(library, "library_folder", lambda: tmp_path)
    code_tasks._modules.cache_clear()
    yield tmp_path
    code_tasks._modules.cache_clear()


def examples(corpus: Corpus, split: str) -> list[Example]:
    return [example for example in corpus.splits[split].sentences if isinstance(example, Example)]


def name_of(signature: str) -> str:
    return signature.removeprefix("def ").partition("(")[0]


def test_they_are_corpora_of_the_expected_size(matches: Corpus, sources: Corpus) -> None:
    assert (matches.kind, matches.classes, matches.metrics[0]) == ("classification", ("no", "yes"), "accuracy")
    assert (sources.kind, sources.classes, sources.metrics[0]) == ("regression", (), "pearson")
    pairs = {name: len(split.sentences) for name, split in matches.splits.items()}
    singles = {name: len(split.sentences) for name, split in sources.splits.items()}
    assert list(pairs) == list(singles) == ["train", "dev", "test"]
    assert pairs["train"] == 2 * MATCHES["train"]
    assert all(300 <= pairs[name] <= 2 * MATCHES[name] for name in ("dev", "test"))
    assert singles == SOURCES


def test_texts_are_short_single_and_filled(matches: Corpus, sources: Corpus) -> None:
    for split in matches.splits.values():
        for summary, signature in split.texts:
            assert SUMMARY_WORDS[0] <= len(summary.split()) <= SUMMARY_WORDS[1]
            assert len(signature.split()) <= SIGNATURE_WORDS
            assert "\n" not in summary + signature
    for split in sources.splits.values():
        assert all(SOURCE_WORDS[0] <= len(source.split()) <= SOURCE_WORDS[1] for (source,) in split.texts)
        assert len(set(split.texts)) == len(split.texts)


def test_each_summary_and_each_signature_occurs_once_with_each_answer(matches: Corpus) -> None:
    for name in matches.splits:
        for side in (0, 1):
            answers = Counter((example.texts[side], example.label) for example in examples(matches, name))
            assert set(answers.values()) == {1}
            assert {(text, "yes") for text, _ in answers} | {(text, "no") for text, _ in answers} == set(answers)


@pytest.mark.parametrize("side", [0, 1])
def test_one_side_alone_is_at_chance(matches: Corpus, side: int) -> None:
    """Even who knew the most frequent answer of each text of test would be right half of the time."""
    by_text: dict[str, Counter[object]] = {}
    for example in examples(matches, "test"):
        by_text.setdefault(example.texts[side], Counter())[example.label] += 1
    right = sum(max(counter.values()) for counter in by_text.values())
    assert right / len(examples(matches, "test")) == 0.5


def test_answers_are_right(matches: Corpus) -> None:
    """A "yes" is a function's own pair; a "no" is no function's, not even one of a split or a length left out."""
    known = {
        (function.summary, function.signature)
        for module in read_modules(documented_modules())
        for function in functions(parse_quietly(module))
    }
    for name in matches.splits:
        rows = examples(matches, name)
        assert all((example.texts in known) == (example.label == "yes") for example in rows)


def test_names_decide_nothing(matches: Corpus) -> None:
    for name in matches.splits:
        own = {example.texts[0]: name_of(example.texts[1]) for example in examples(matches, name)[::2]}
        for example in examples(matches, name)[1::2]:
            assert example.label == "no"
            assert name_of(example.texts[1]) != own[example.texts[0]]
        assert not any(re.search(rf"\b{re.escape(function)}\b", summary) for summary, function in own.items())


def test_numbers_are_the_logarithm_of_the_complexity(sources: Corpus) -> None:
    for name in sources.splits:
        for example in examples(sources, name):
            (definition,) = ast.parse(example.texts[0]).body
            assert isinstance(example.label, float)
            assert 2**example.label == pytest.approx(complexity(definition), rel=1e-12)
    assert {0.0, 1.0, 2.0} < {example.label for example in examples(sources, "test")}


def test_no_text_is_in_two_splits_and_every_text_is_in_its_modules_split(matches: Corpus, sources: Corpus) -> None:
    at_home: dict[str, set[str]] = {"train": set(), "dev": set(), "test": set()}
    for module in read_modules(documented_modules()):
        for function in functions(parse_quietly(module)):
            at_home[split_of(module, EVEN_TENTHS)] |= {function.summary, function.signature, function.source}
    for corpus in (matches, sources):
        texts = {name: {text for row in split.texts for text in row} for name, split in corpus.splits.items()}
        assert all(texts[name] <= at_home[name] for name in texts)
        assert sum(map(len, texts.values())) == len(set().union(*texts.values()))


def test_a_module_has_the_same_split_on_every_python() -> None:
    known = {"argparse": "train", "pdb": "test", "difflib": "test", "zipfile": "dev", "unittest.case": "test"}
    assert {name: split_of(Module(name, b"", ""), EVEN_TENTHS) for name in known} == known


@pytest.mark.parametrize("make", [docstring_match, function_complexity])
def test_a_limit_keeps_the_first_examples_of_train(make: type, matches: Corpus, sources: Corpus) -> None:
    whole = {corpus.name: corpus for corpus in (matches, sources)}
    limited = make(limit=11)
    full = whole[limited.name]
    assert limited.splits["train"].sentences == full.splits["train"].sentences[:11]
    assert {name: limited.splits[name] for name in ("dev", "test")} == {
        name: full.splits[name] for name in ("dev", "test")
    }
    assert make(limit=10**9) == make() == full
    with pytest.raises(CorpusError, match=f"A limit of 0 examples leaves none of {full.name}; give at least 1"):
        make(limit=0)


def test_they_depend_on_no_hash_seed_and_import_nothing(matches: Corpus, sources: Corpus) -> None:
    here = [hashlib.sha256(repr(corpus).encode()).hexdigest() for corpus in (matches, sources)]
    run = subprocess.run(
        [sys.executable, "-c", DIGEST],
        env=os.environ | {"PYTHONHASHSEED": "4242"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == [*here, "False", "False"]


def test_sources_are_a_digest_of_all_modules(matches: Corpus, sources: Corpus) -> None:
    expected = library.library_sources(read_modules(documented_modules()))
    assert all(split.sources == expected for corpus in (matches, sources) for split in corpus.splits.values())


def test_what_fits_several_functions_is_left_out(small_library: Path) -> None:
    described = {
        "alone(a, b)": "Return the sum of both.",
        "twin(a)": "Say the very same thing.",
        "other(b)": "Say the very same thing.",
        "last(c)": "Come after all the others.",
        "selfish(c)": "Call selfish with an argument.",
        "short(c)": "Do it.",
        "open(c)": "A title without a stop",
    }
    text = "".join(f'def {signature}:\n    """{summary}"""\n' for signature, summary in described.items())
    same_signature = '\nclass A:\n    def last(c):\n        """Come before all the others."""\n'
    copied = '\nclass B:\n    def alone(a, b):\n        """Return the sum of both."""\n        return a + b\n'
    final = '\nclass C:\n    def final(d):\n        """End whatever was begun."""\n'
    (small_library / "abc.py").write_text(text + same_signature + copied + final)
    rows = [example for name in ("train", "dev", "test") for example in examples(docstring_match(), name)]
    assert set(rows) == {
        Example(("Return the sum of both.", "def alone(a, b)"), "yes"),
        Example(("Return the sum of both.", "def final(d)"), "no"),
        Example(("End whatever was begun.", "def final(d)"), "yes"),
        Example(("End whatever was begun.", "def alone(a, b)"), "no"),
    }
    assert len(rows) == 4


@pytest.mark.parametrize("n", [1, 2])
def test_functions_of_one_name_cannot_be_paired_wrongly(small_library: Path, n: int) -> None:
    texts = [f'class A{i}:\n    def f(self, a{i}):\n        """Return the number {i} now."""\n' for i in range(n)]
    (small_library / "abc.py").write_text("".join(texts))
    with pytest.raises(CorpusError, match="too few functions to pair summaries wrongly"):
        docstring_match()


@pytest.mark.parametrize("make", [docstring_match, function_complexity])
def test_a_library_without_source_is_named(small_library: Path, make: type) -> None:
    with pytest.raises(CorpusError, match=f"no readable source in {re.escape(str(small_library))}"):
        make()
