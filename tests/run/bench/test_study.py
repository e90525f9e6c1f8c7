"""A bench of the small run, and of compact models alone."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from neurosieve.activations import load_encoder
from neurosieve.compact import CompactModel
from neurosieve.errors import CompactError, ConfigError, CorpusError
from neurosieve.run.bench.measuring import Given, bench_sides
from neurosieve.run.bench.records import Bench, bench_name
from neurosieve.run.bench.settings import BenchSettings
from neurosieve.run.bench.sides import Side
from neurosieve.run.bench.study import bench_compact, bench_run
from neurosieve.run.stages import Stopwatch
from tests.compact.conftest import of_kind
from tests.run.conftest import Done, Listener
from tests.run.small import sentences
from tests.tiny_models import BLOCKS, UNITS, make_tiny

ASKED = BenchSettings(batches=(64, 256), rounds=3, threads=1)
N = (BLOCKS + 1) * UNITS


class Benched(NamedTuple):
    folder: Path
    bench: Bench
    stages: list[str]


@pytest.fixture(scope="session")
def benched(done: Done, tmp_path_factory: pytest.TempPathFactory) -> Benched:
    folder = Path(shutil.copytree(done.out, tmp_path_factory.mktemp("bench") / "run"))
    other = folder / "further"
    shutil.copytree(folder / "compact", other)
    heard = Listener()
    found = bench_run(folder, ASKED, also=[other], progress=heard, command="neurosieve bench run")
    return Benched(folder, found, heard.stages)


def test_the_four_models_of_a_run(benched: Benched, done: Done) -> None:
    bench, task = benched.bench, done.results.tasks["pos"]
    full, last, own, further = bench.models
    assert [one.name for one in bench.models] == ["full, oracle probe", "full, last layer", "compact", "further"]
    assert (full.neurons, last.neurons, own.neurons) == (N, UNITS, len(task.sieve.neurons))
    assert (full.test, last.test) == (task.oracle.test, task.layers[-1].test)
    assert own.test.value == further.test.value == pytest.approx(task.sieve.test.value)
    assert own.test.interval == pytest.approx(task.sieve.test.interval)
    assert (own.parameters, full.parameters) == (task.compact.compact.parameters, task.compact.full.parameters)
    assert full.blocks == last.blocks == BLOCKS
    assert own.blocks == max(layer for layer, _ in task.sieve.neurons)
    assert full.beside_full is None
    assert {one.dtype for one in bench.models} == {"float32"}


def test_weights_are_those_of_the_saved_files(benched: Benched) -> None:
    own = benched.bench.models[2]
    files = sum(path.stat().st_size for path in (benched.folder / "compact").rglob("*") if path.is_file())
    assert own.megabytes == pytest.approx(files / 1e6)
    full, last = benched.bench.models[:2]
    fewer = 4 * (N - UNITS) * 5 / 1e6  # rows of the head's weight for 5 classes
    assert full.megabytes - last.megabytes > fewer  # and their names
    assert full.megaflops - last.megaflops == pytest.approx(2 * (N - UNITS) * 5 / 1e6)


def test_everything_is_timed(benched: Benched) -> None:
    bench = benched.bench
    assert (bench.alone, bench.rounds, bench.environment.threads) == (25, 3, 1)
    assert bench.rows == sum(len(one.split()) for one in _lines(benched))
    for one in bench.models:
        assert [found.batch_tokens for found in one.throughputs] == [64, 256]
        assert one.latency.spread[0] <= one.latency.median <= one.latency.p95
        assert one.best in one.throughputs
        assert one.alone.total > 0
        assert one.together.total > 0
    for one in bench.models[1:]:
        gained = one.beside_full
        assert gained.latency.spread[0] <= gained.latency.value <= gained.latency.spread[1]
        assert gained.bound >= 1


def _lines(benched: Benched) -> list[str]:
    return [" ".join(word for word, _, _ in one) for one in sentences(25, 2)]


def test_it_is_written_and_read_back(benched: Benched) -> None:
    assert Bench.load(benched.folder / "bench.json") == benched.bench
    assert (benched.bench.task, benched.bench.metric, benched.bench.text) == ("pos", "accuracy", benched.bench.text)
    assert benched.bench.command == "neurosieve bench run"
    assert {"scores on test", "timing", "weights and work"} <= set(benched.stages)
    assert [bench_name(None), bench_name("pos"), bench_name("a/b c")] == ["bench", "bench-pos", "bench-a-b-c"]


def test_a_compact_model_in_a_run_needs_no_more(benched: Benched, model: Path) -> None:
    found = bench_compact(benched.folder / "compact", ASKED)
    assert [one.name for one in found.models] == ["full, oracle probe", "compact"]
    assert found.text.startswith("test split of ")
    assert found.model == str(model)
    assert (found.models[1].test, found.metric) == (None, None)
    assert found.models[0].neurons == N


def test_a_compact_model_elsewhere_needs_its_full_model(benched: Benched, model: Path, tmp_path: Path) -> None:
    alone = Path(shutil.copytree(benched.folder / "compact", tmp_path / "alone"))
    with pytest.raises(ConfigError, match=r"does not lie in the folder of a run.*Name it with --full MODEL"):
        bench_compact(alone, ASKED)
    text = tmp_path / "text.txt"
    text.write_text("the fox is lazy .\n" * 7, encoding="utf-8")
    found = bench_compact(alone, ASKED, full=str(model), text=text)
    assert (found.text, found.alone, found.rows) == ("text.txt", 7, 35)


def test_another_model_is_refused(benched: Benched, tmp_path: Path) -> None:
    other = make_tiny("gpt2", tmp_path / "gpt2")
    with pytest.raises(ConfigError, match=r"was not cut from .*gpt2: it is a bert of .* and that a gpt2"):
        bench_compact(benched.folder / "compact", ASKED, full=str(other))


def test_a_task_that_is_not_there_is_refused(benched: Benched) -> None:
    with pytest.raises(CompactError, match="has no task 'chunk'; it serves 'pos'"):
        bench_compact(benched.folder / "compact", ASKED, task="chunk")
    with pytest.raises(ConfigError, match="has no task 'chunk'"):
        bench_run(benched.folder, ASKED, task="chunk")


def test_a_model_with_other_classes_is_refused(benched: Benched, tmp_path: Path) -> None:
    own = CompactModel.from_pretrained(benched.folder / "compact", device="cpu")
    head = own.head
    wrong = CompactModel.build(own.encoder, head.neurons, head.weight, head.bias, "VWXYZ", task="other")
    wrong.save_pretrained(tmp_path / "wrong")
    with pytest.raises(ConfigError, match=r"wrong does not do the task 'pos': its classes are others"):
        bench_run(benched.folder, ASKED, also=[tmp_path / "wrong"])


def test_a_run_without_a_compact_model_is_refused(benched: Benched, done: Done, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(benched.folder, tmp_path / "run"))
    task = done.results.tasks["pos"].model_copy(update={"compact": None})
    done.results.model_copy(update={"tasks": {"pos": task}}).save(folder / "results.json")
    with pytest.raises(ConfigError, match="made no compact model for pos"):
        bench_run(folder, ASKED)


def test_another_test_file_is_refused(benched: Benched, done: Done, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(benched.folder, tmp_path / "run"))
    task = done.results.tasks["pos"]
    corpus = task.corpus.model_copy(update={"sources": dict.fromkeys(task.corpus.sources, "0" * 64)})
    done.results.model_copy(update={"tasks": {"pos": task.model_copy(update={"corpus": corpus})}}).save(
        folder / "results.json"
    )
    with pytest.raises(ConfigError, match=r"test\.txt is not the file that the run in .* was made with"):
        bench_run(folder, ASKED)


def test_an_empty_text_is_refused(benched: Benched, model: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("\n\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="holds no sentence"):
        bench_compact(benched.folder / "compact", ASKED, full=str(model), text=text)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"sentences": 99}, "A 95th percentile takes 100 sentences at least; these are 99"),
        ({"rounds": 2}, "It takes 3 rounds at least to tell speed from noise, not 2"),
        ({"batches": ()}, "A batch is 1 piece at least, and there must be one"),
        ({"batches": (0,)}, "A batch is 1 piece at least"),
        ({"threads": 0}, "It takes a thread at least, not 0"),
    ],
)
def test_settings_that_measure_nothing_are_refused(benched: Benched, asked: dict[str, object], message: str) -> None:
    for call in (bench_run, bench_compact):
        with pytest.raises(ConfigError, match=message):
            call(benched.folder, BenchSettings(**asked))  # type: ignore[arg-type]


def test_a_model_of_texts_reads_each_line_as_one(model: Path, tmp_path: Path) -> None:
    encoder = load_encoder(model, device="cpu")
    of_kind(encoder, "classification", pooling="cls").save_pretrained(tmp_path / "texts")
    text = tmp_path / "text.txt"
    text.write_text("the fox is lazy .\nno dog\n", encoding="utf-8")
    found = bench_compact(tmp_path / "texts", ASKED, full=str(model), text=text)
    assert (found.kind, found.rows, found.together) == ("classification", 2, 2)
    assert found.models[0].neurons == N


def test_nothing_to_read_is_refused(benched: Benched) -> None:
    own = CompactModel.from_pretrained(benched.folder / "compact", device="cpu")
    with pytest.raises(ConfigError, match="There is no text to time the models on: nothing holds none"):
        bench_sides([Side("own", own, "pos")], Given([("",)], "nothing", "tiny"), ASKED, Stopwatch())
