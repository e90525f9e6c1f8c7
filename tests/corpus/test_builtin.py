from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from neurosieve.corpus import Corpus, code_roles, library, library_prose
from neurosieve.corpus.library import Module, documented_modules, read_modules, top_level_modules
from neurosieve.corpus.parsing import split_of
from neurosieve.corpus.roles import MAX_TOKENS, ROLES
from neurosieve.errors import CorpusError

DIGEST = """
import hashlib
from neurosieve.corpus import code_roles, library_prose
for corpus in (code_roles(3000), library_prose(20000)):
    print(hashlib.sha256(repr(corpus).encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def roles() -> Corpus:
    return code_roles()


@pytest.fixture(scope="module")
def prose() -> Corpus:
    return library_prose()


def test_code_roles_is_a_corpus_of_the_expected_size(roles: Corpus) -> None:
    words = {name: split.n_words for name, split in roles.splits.items()}
    assert list(words) == ["train", "dev", "test"]
    assert sum(words.values()) > 300_000
    assert all(0.04 < words[name] / sum(words.values()) < 0.2 for name in ("dev", "test"))


def test_every_token_has_a_role_and_every_role_occurs(roles: Corpus) -> None:
    assert roles.classes == ROLES
    for split in roles.splits.values():
        assert split.labels <= set(ROLES)
        for sentence in split.sentences:
            assert 1 <= len(sentence.words) == len(sentence.labels or ()) <= MAX_TOKENS
            assert all(word.strip() and "\n" not in word for word in sentence.words)


def test_a_limit_cuts_train_alone(roles: Corpus) -> None:
    limited = code_roles(2000)
    train = limited.splits["train"]
    assert 2000 <= train.n_words < 2000 + MAX_TOKENS
    assert train.sentences == roles.splits["train"].sentences[: len(train.sentences)]
    assert limited.splits["test"] == roles.splits["test"]
    with pytest.raises(CorpusError, match="A limit of 0 words"):
        code_roles(0)


def test_a_module_has_one_split_whatever_else_there_is() -> None:
    splits = {name: split_of(Module(name, b"", "")) for name in ("argparse", "typing", "zipfile", "ast", "abc")}
    assert splits == {name: split_of(Module(name, b"x", "x")) for name in splits}
    assert {split_of(Module(name, b"", "")) for name in top_level_modules()} == {"train", "dev", "test"}


def test_prose_reads_as_sentences(prose: Corpus) -> None:
    split = prose.splits["train"]
    assert set(prose.splits) == {"train"}
    assert split.n_words > 50_000
    assert len(set(split.sentences)) == len(split.sentences)
    for sentence in split.sentences:
        assert sentence.labels is None
        assert 4 <= len(sentence.words) <= 60
        assert sentence.words[0][0].isupper() or sentence.words[0] in '("'


def test_prose_can_be_limited(prose: Corpus) -> None:
    split = library_prose(1000).splits["train"]
    assert 1000 <= split.n_words < 1060
    assert split.sentences == prose.splits["train"].sentences[: len(split.sentences)]


def test_sources_are_one_digest_of_everything_read(roles: Corpus, prose: Corpus) -> None:
    (name,) = roles.splits["train"].sources
    assert name == f"python standard library {platform.python_version()}"
    digest = hashlib.sha256()
    for module in top_level_modules():
        data = (library.library_folder() / f"{module}.py").read_bytes()
        digest.update(f"{module}\0{len(data)}\0".encode() + data)
    assert roles.splits["dev"].sources == {name: digest.hexdigest()}
    assert prose.splits["train"].sources.keys() == {name}
    assert prose.splits["train"].sources != roles.splits["train"].sources


def test_builtin_corpora_do_not_depend_on_the_hash_seed() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "4242")
    }
    assert len(digests) == 1
    assert len(digests.pop().split()) == 2


def test_tests_and_foreign_files_are_left_out() -> None:
    modules = documented_modules()
    assert "json.decoder" in modules
    assert "argparse" in modules
    assert not any({"test", "tests", "site-packages"} & set(name.split(".")) for name in modules)
    assert set(top_level_modules()) <= sys.stdlib_module_names


def test_modules_that_cannot_be_read_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "library_folder", lambda: tmp_path)
    (tmp_path / "ast.py").write_bytes(b"# -*- coding: latin-1 -*-\r\nx = '\xe9'\r\n")
    (tmp_path / "abc.py").write_bytes(b"x = '\xe9'\n")
    (tmp_path / "bad.py").write_bytes(b"# -*- coding: no-such -*-\n")
    (module,) = read_modules(["ast", "abc", "bad", "absent"])
    assert module.text == "# -*- coding: latin-1 -*-\nx = 'é'\n"
    with pytest.raises(CorpusError, match="no readable source in"):
        read_modules(["absent"])
