"""One target under atheris, in its own process: ``fuzz.worker TARGET MADE OUT [flags of libFuzzer]``.

libFuzzer ends the process when its time is over, at an input that takes too long, and at one that takes too much
memory; what is found otherwise is written down, and fuzzing goes on.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random

import atheris

# Python code that reads; what is under it (pydantic, tokenizers, safetensors) is Rust, and tells no coverage.
READING = ["neurosieve", "conllu", "tomllib"]
OUTCOMES = 1024
SAME_MUTATION = 0.15  # of inputs are left to libFuzzer's own mutations


def main() -> None:
    """Fuzz until libFuzzer's own limits end it."""
    name, made, out, *flags = sys.argv[1:]
    with atheris.instrument_imports(include=READING):
        kind = importlib.import_module("fuzz.targets").load(name)
    place = Path(tempfile.mkdtemp(prefix="fuzz-")) / "input"
    place.mkdir()
    target = kind(Path(made), place)
    corpus, found = Path(out) / "corpus" / name, Path(out) / "findings"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds:
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    limits = [f"-max_len={target.longest}", f"-timeout={target.seconds}", f"-artifact_prefix={found / name}-"]
    atheris.Setup([sys.argv[0], *limits, *flags, str(corpus)], _tester(target, found), custom_mutator=_mutator(target))
    atheris.Fuzz()


def _tester(target: object, found: Path) -> Callable[[bytes], None]:
    judged = importlib.import_module("fuzz.target").judged
    counters = [atheris._reserve_counter() for _ in range(OUTCOMES)]

    def test(data: bytes) -> None:
        outcome = judged(target, data)
        # What is checked in Rust tells no coverage, so what was said of an input counts as an edge too.
        atheris._trace_branch(counters[zlib.crc32(outcome.shape.encode(errors="replace")) % OUTCOMES])
        if outcome.finding is not None:
            kind = hashlib.sha256(outcome.finding.kind.encode(errors="replace")).hexdigest()[:8]
            _keep(f"{target.name}-{kind}", data, outcome.finding, found)  # type: ignore[attr-defined]

    return test


def _keep(name: str, data: bytes, finding: object, folder: Path) -> None:
    """The smallest input of each kind of finding."""
    path = folder / f"{name}.input"
    if not path.exists() or path.stat().st_size > len(data):
        path.write_bytes(data)
        (folder / f"{name}.txt").write_text(f"{finding.kind}\n\n{finding.told}", encoding="utf-8", errors="replace")  # type: ignore[attr-defined]


def _mutator(target: object) -> Callable[[bytes, int, int], bytes]:
    def mutate(data: bytes, longest: int, seed: int) -> bytes:
        rng = Random(seed)
        if not data or rng.random() < SAME_MUTATION:
            return atheris.Mutate(data, longest)  # type: ignore[no-any-return]
        try:
            return target.mutated(data, rng)[:longest]  # type: ignore[attr-defined, no-any-return]
        except RecursionError:  # too deep to be changed, not to be read
            return atheris.Mutate(data, longest)  # type: ignore[no-any-return]

    return mutate


if __name__ == "__main__":
    main()
