from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from tests.report.example import example_results

from neurosieve.report.bench import bench_sentences, bench_text, slower_sentences, write_bench
from neurosieve.report.bench.tables import COLUMNS, bench_table
from neurosieve.run.bench.records import Bench, Beside, Latency, Measured, Parts, Ratio, Throughput
from neurosieve.run.results import Speed
from neurosieve.run.schema import Scores


def ratio(value: float) -> Ratio:
    return Ratio(value=value, spread=(value - 0.1, value + 0.1))


BESIDE = Beside(
    latency=ratio(1.8), throughput=ratio(1.9), best=1.95, blocks=ratio(1.92), ideal=2.0, reached=ratio(0.96), bound=1.85
)


def measured(name: str, path: str | None, blocks: int, beside: Beside | None, **more: object) -> Measured:
    parts = Parts(tokenising=0.2, embeddings=0.1, blocks=2.0 * blocks, gathering=0.3, head=0.05)
    speeds = [(512, 900.0), (2048, 1234.0)]
    common = {
        "name": name,
        "path": path,
        "dtype": "float32",
        "layers": blocks + 1,
        "blocks": blocks,
        "neurons": 384 * (blocks + 1),
        "parameters": 22_565_376,
        "megabytes": 91.2,
        "megaflops": 25.3,
        "test": Scores(value=0.9044, interval=(0.9012, 0.9077), n=100),
        "latency": Latency(median=17.2, p95=24.1, spread=(16.9, 17.9)),
        "throughputs": [
            Throughput(batch_tokens=batch, speed=Speed(per_second=rate, spread=(rate - 9, rate + 9), rounds=5))
            for batch, rate in speeds
        ],
        "alone": parts,
        "together": parts,
        "beside_full": beside,
    }
    return Measured(**common | more)


def example(**more: object) -> Bench:
    results = example_results()
    common = {
        "command": "neurosieve bench runs/chunk",
        "environment": results.environment,
        "model": "minilm",
        "task": "chunk",
        "kind": "labelling",
        "metric": "accuracy",
        "text": "test split of conll2000",
        "alone": 100,
        "together": 160,
        "rows": 4012,
        "rounds": 5,
        "models": [
            measured("full, oracle probe", None, 6, None),
            measured("full, last layer", None, 6, BESIDE.model_copy(update={"slower": ["latency"]}), test=None),
            measured("compact", "runs/chunk/compact", 3, BESIDE),
        ],
        "stages": [],
    }
    return Bench(**common | more)


def test_the_text_fits_a_terminal() -> None:
    text = bench_text(example())
    assert max(map(len, text.splitlines())) <= 80
    assert "17.2 [24.1]" in text
    assert "90.4 [90.1, 90.8]" in text
    assert "1.2k [1.2k, 1.2k]" in text


@pytest.mark.parametrize("n", [4, 7, 12])
def test_many_models_fit_it_too(n: int) -> None:
    more = [measured(f"a further form {i}", f"runs/{i}", 3, BESIDE) for i in range(n)]
    text = bench_text(example(models=[*example().models, *more]))
    assert max(map(len, text.splitlines())) <= 80
    assert all(text.count(f"a further form {i}") >= 4 for i in range(n))


def test_sentences_say_how_much_of_the_ideal_is_reached() -> None:
    said = " ".join(bench_sentences(example()))
    assert "compact is 1.80 [1.70, 1.90] times as fast as the full model with one sentence alone" in said
    assert "(17.2 → 17.2 ms, 95th percentile 24.1 → 24.1) and 1.90 [1.80, 2.00] times in the same batches" in said
    assert "Its 3 blocks of 6 could be 2.00 times as fast, and are 1.92 [1.82, 2.02] times: 96 % of the ideal" in said
    assert "[86, 106]; the goal of 90 % is met" in said
    assert "The blocks are 95 % of the full model's time in batches" in said
    assert "1.85 times as fast at most (Amdahl)" in said
    assert "100 sentences one by one and 160 sentences (4,012 words) in batches of 512 and 2,048 pieces" in said
    assert "last layer" not in said


def test_what_is_missed_and_what_is_not_comparable_is_said() -> None:
    def said(**more: object) -> str:
        beside = BESIDE.model_copy(update=more)
        return " ".join(bench_sentences(example(models=[example().full, measured("c", "c", 3, beside)])))

    assert "75 % of the ideal [65, 85]; the goal is 90 %." in said(reached=ratio(0.75))
    assert "times, in another precision (float32)." in said(reached=None)
    assert "c has no block left: only embeddings are read." in said(blocks=None, ideal=None, reached=None)


def test_only_saved_models_can_be_too_slow() -> None:
    assert slower_sentences(example()) == []
    slow = measured("compact", "c", 3, BESIDE.model_copy(update={"slower": ["latency", "throughput"]}))
    assert slower_sentences(example(models=[example().full, slow])) == [
        "compact is slower than the full model in every one of 5 rounds: it takes longer for one sentence or text "
        "alone and reads fewer in batches."
    ]


def test_tables_on_disk(tmp_path: Path) -> None:
    places = dict(write_bench(example(file="bench-chunk"), tmp_path))
    page = places["Tables"].read_text(encoding="utf-8")
    assert places["Tables"].name == "bench-chunk.md"
    assert page.startswith("# Speed on chunk\n")
    assert page.count("| compact |") == 4  # three rows, and the head of the batches
    assert all(line.startswith(("#", "-", "|")) or line.endswith(":") or not line for line in page.splitlines())
    rows = list(csv.DictReader(io.StringIO(places["CSV"].read_text(encoding="utf-8"))))
    assert [row["model"] for row in rows] == ["full, oracle probe", "full, last layer", "compact"]
    assert (rows[0]["faster_alone"], rows[2]["faster_alone"]) == ("", "1.8")
    assert (rows[1]["test"], rows[2]["test_high"]) == ("", "0.9077")
    assert float(rows[2]["blocks_together"]) == 6.0
    assert places["Numbers"] == tmp_path / "bench-chunk.json"


def test_every_column_has_a_cell_and_a_meaning() -> None:
    table = bench_table(example())
    assert {len(row) for row in table.rows} == {len(COLUMNS)}
    assert all(COLUMNS.values())


def test_numbers_are_scored_as_they_are_and_texts_are_named() -> None:
    text = bench_text(example(kind="regression", metric="pearson"))
    assert "0.904 [0.901, 0.908]" in text
    assert "MFLOP/text" in text
    assert "with one text alone" in " ".join(text.split())
    assert "test" not in bench_text(example(metric=None)).replace("test split", "")
