"""What is written and said of a front, on one that is made up."""

from __future__ import annotations

import csv
import io
import re

import pytest

from neurosieve.report.front import front_text, write_front
from neurosieve.report.front.reading import best, fastest, fewest, sentences, shown, unclear
from neurosieve.report.front.table import COLUMNS, front_table
from neurosieve.report.front.wording import milliseconds, short, speed
from neurosieve.run.front.records import Front, front_name
from tests.report.test_page import HOSTILE, POLICY, Page
from tests.run.front.example import depth, example_front, latency, point
from tests.run.front.example import speed as rate


@pytest.fixture(scope="module")
def front() -> Front:
    return example_front()


def test_the_smallest_and_the_fastest_within_a_tolerance_are_found(front: Front) -> None:
    for loss in (0.01, 0.03, 0.05, 0.1):
        floor = (1 - loss) * front.oracle.dev.value
        inside = [one for one in front.points if one.dev.value > floor]
        assert fastest(front, loss).latency.ms == min(one.latency.ms for one in inside)
        for last in range(7):
            sizes = [one.neurons for one in inside if one.last_layer <= last]
            found = fewest(front, last, loss)
            assert (None if found is None else found.neurons) == min(sizes, default=None)
    assert fewest(front, 0, 0.01) is None
    assert best(front, 2).dev.value == max(one.dev.value for one in front.points if one.last_layer <= 2)


def test_what_is_shown_is_on_the_wider_front_and_each_once(front: Front) -> None:
    chosen = shown(front)
    assert front.oracle in chosen
    assert all(one.smallest for one in chosen if one is not front.oracle)
    assert len({id(one) for one in chosen}) == len(chosen) < len(front.points)
    assert [one.latency.ms for one in chosen] == sorted(one.latency.ms for one in chosen)
    assert fewest(front, 6, 0.03) in chosen


def test_the_text_fits_a_terminal_and_has_every_depth(front: Front) -> None:
    text = front_text(front)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80, max(lines, key=len)
    assert "chunk on CoNLL-2000, minilm: 60 compact models measured, of 420 sets screened" in " ".join(text.split())
    head = next(place for place, line in enumerate(lines) if line.split()[:2] == ["layers", "ms"])
    assert [row.split()[0] for row in lines[head + 1 : head + 8]] == ["0", "0–1", "0–2", "0–3", "0–4", "0–5", "0–6"]
    assert sum(line.lstrip().startswith(("*", "·")) for line in lines) >= len(shown(front)) - 2
    every = front_text(front, every=True).splitlines()
    assert len(every) - len(lines) == len(front.points) - len(shown(front))
    assert max(map(len, every)) <= 80


def test_scores_that_are_no_percents_fit_too(front: Front) -> None:
    texts = example_front(metric="pearson", kind="regression")
    text = front_text(texts)
    assert max(map(len, text.splitlines())) <= 80, max(text.splitlines(), key=len)
    assert "ms a text" in text
    assert "0.931" in text
    assert "93.1 %" not in text
    assert "word" not in text
    assert "sentence" not in text


def test_sentences_say_what_is_measured_and_how_sure_it_is(front: Front) -> None:
    said = " ".join(sentences(front))
    assert "The oracle reads all 2,688 neurons of layers 0 to 6: 93.1 % on dev" in said
    one = fastest(front, 0.03)
    assert f"Within 3 % of it on dev the fastest reads {one.neurons:,} neurons of layers 0 to {one.last_layer}" in said
    assert "Every further layer takes longer: the ranges of the 5 rounds do not overlap." in said
    assert "48 sentences of test, each read alone" in said
    assert "2 threads on cpu" in said
    assert "believe the test scores" in said


def test_depths_that_latency_does_not_tell_apart_are_named(front: Front) -> None:
    depths = [*front.depths[:3], depth(3, front.depths[2].latency.ms * 1.05), *front.depths[4:]]
    close = example_front(depths=depths)
    assert [(a.last_layer, b.last_layer) for a, b in unclear(close)] == [(2, 3)]
    said = " ".join(sentences(close))
    assert (
        "Latency does not tell apart, since the ranges of their 5 rounds overlap: layers 0 to 2 ([2.07, 2.33] ms)"
        in said
    )
    assert "and layers 0 to 3 ([" in said
    assert unclear(front) == []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.4, "0"),
        (850.2, "850"),
        (999.4, "999"),
        (999.7, "1.0k"),
        (13_240, "13.2k"),
        (132_400, "132k"),
        (2.5e6, "2.5M"),
    ],
)
def test_rates_are_short(value: float, said: str) -> None:
    assert short(value) == said


def test_times_have_three_digits_and_their_range() -> None:
    assert milliseconds(latency(2.0, 0.1)) == "2.00 [1.80, 2.20]"
    assert milliseconds(latency(20.0, 0.1)) == "20.0 [18.0, 22.0]"
    assert milliseconds(latency(200.0, 0.1)) == "200 [180, 220]"
    assert speed(rate(10_000)) == "10.0k [9.7k, 10.2k]"


def test_every_point_is_a_row_of_the_csv_file(front: Front) -> None:
    read = list(csv.DictReader(io.StringIO(front_table(front).csv())))
    assert list(read[0]) == list(COLUMNS)
    assert len(read) == len(front.points)
    for row, one in zip(read, front.points, strict=True):
        assert (int(row["last_layer"]), int(row["neurons"])) == (one.last_layer, one.neurons)
        assert row["threshold"] == ("" if one.threshold is None else str(one.threshold))
        assert (float(row["ms"]), float(row["per_second_low"])) == (one.latency.ms, one.speed.spread[0])
        assert (float(row["dev"]), float(row["test_high"])) == (one.dev.value, one.test.interval[1])
        assert float(row["difference_low"]) == one.difference.interval[0]
        assert (row["whole"], row["on_front"], row["smallest"]) == (
            str(one.order is None),
            str(one.on_front),
            str(one.smallest),
        )


def test_the_page_is_whole_and_the_same_again(front: Front, tmp_path) -> None:
    page = write_front(front, tmp_path)
    first = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert set(first) == {f"front-chunk.{ending}" for ending in ("html", "csv", "svg", "png")}
    assert {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == first
    write_front(front, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == first

    html = page.read_text(encoding="utf-8")
    read = Page(html)
    assert POLICY in html
    assert "script" not in read.tags
    assert all(link.startswith(("#", "figures/", "tables/")) for link in read.values("href", "src"))
    for link in read.values("href"):
        if not link.startswith("#"):
            assert (tmp_path / link).is_file()
    words = " ".join(read.text.replace("\u00a0", " ").split())
    for sentence in sentences(front):
        assert sentence in words
    assert read.tags.count("svg") == 1
    # Depths, points that are shown, all points: a row each, and a head each; the stages have no head.
    rows = len(front.depths) + len(shown(front)) + len(front.points) + 3 + len(front.stages)
    assert read.tags.count("tr") == rows


def test_names_from_outside_are_text(tmp_path) -> None:
    model = example_front().model.model_copy(update={"name": HOSTILE, "layer_names": [HOSTILE] * 7})
    page = write_front(example_front(task=HOSTILE, corpus=HOSTILE, metric=f"f1:{HOSTILE}", model=model), tmp_path)
    read = Page(page.read_text(encoding="utf-8"))
    assert not {"script", "img"} & set(read.tags)
    assert re.fullmatch(r"front-[\w.-]+\.html", page.name)
    assert page.parent == tmp_path


@pytest.mark.parametrize(
    ("task", "name"),
    [("pos", "front-pos"), ("my task/2", "front-my-task-2"), ("../..", "front-task"), ("", "front-task")],
)
def test_file_names_stay_in_their_folder(task: str, name: str) -> None:
    assert front_name(task) == name


def test_a_front_of_one_depth_is_drawn_too(tmp_path) -> None:
    one = example_front(points=[point(0.8, 384, 0.9, 0, order=None)], depths=[depth(0)])
    assert write_front(one, tmp_path).is_file()
    assert max(map(len, front_text(one).splitlines())) <= 80
