"""Every reader on inputs changed at random, without atheris: refused in words that name the file, or read and right."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from fuzz.target import Target, judged
from fuzz.targets import NAMES, load

from neurosieve.errors import NeurosieveError

EXAMPLES = {"compact": 60, "export": 150, "results": 150}  # a model is loaded, or a long file read, for each


@pytest.fixture
def target(request: pytest.FixtureRequest, made: Path, tmp_path: Path) -> Target:
    place = tmp_path / "input"
    place.mkdir()
    found: Target = load(request.param)(made, place)
    return found


@pytest.mark.parametrize("target", NAMES, indirect=True)
def test_any_input_is_refused_by_name_or_read_and_right(target: Target) -> None:
    rng = Random(7361)
    for _ in range(EXAMPLES.get(target.name, 400)):
        data = rng.choice(target.seeds)
        for _ in range(rng.choice((1, 1, 2, 3))):
            data = target.mutated(data, rng)
        outcome = judged(target, data[: target.longest])
        assert outcome.finding is None, f"{outcome.finding}\n{data!r:.2000}"


@pytest.mark.parametrize("target", NAMES, indirect=True)
def test_what_the_package_wrote_is_taken_by_one_reader_at_least(target: Target) -> None:
    taken = [judged(target, seed) for seed in target.seeds]
    assert all(one.finding is None for one in taken)
    # Some targets read an input in several ways; what it was not made for is refused.
    several = target.name in ("columns", "glue", "csv", "jsonl", "lines")
    assert several or any(one.shape == "" for one in taken)


@pytest.mark.parametrize("name", NAMES)
def test_names_are_those_of_the_targets(name: str) -> None:
    assert load(name).name == name
    assert load(name).what


class Bad(Target):
    """A reader that does what it may not."""

    name, what = "bad", "nothing good"

    def read(self, data: bytes) -> None:
        where = self.place
        if data == b"fine":
            return
        if data == b"unnamed":
            raise NeurosieveError("something is wrong")
        if data == b"line":
            raise NeurosieveError(f"{where}, line 9: wrong")
        if data == b"quoted":
            raise NeurosieveError(f"{where}, line 1: expected words; found 'line 9'")
        if data == b"long":
            raise NeurosieveError(f"{where} " + "x" * 3000)
        raise SystemExit(3)

    def mutated(self, data: bytes, rng: Random) -> bytes:
        return data


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"unnamed", "no file is named"),
        (b"line", "a line is named that is not there"),
        (b"long", "a message that is too long"),
        (b"other", "SystemExit in"),
    ],
)
def test_what_a_reader_may_not_do_is_found(data: bytes, kind: str, tmp_path: Path) -> None:
    found = judged(Bad(tmp_path, tmp_path / "input"), data).finding
    assert found is not None
    assert found.kind.startswith(kind)


@pytest.mark.parametrize("data", [b"fine", b"quoted"])
def test_what_it_may_do_is_not(data: bytes, tmp_path: Path) -> None:
    assert judged(Bad(tmp_path, tmp_path / "input"), data).finding is None
