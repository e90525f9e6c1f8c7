import csv
import json

import pytest
from benchmarks.harness.case import Target
from benchmarks.harness.limit import limit_of
from benchmarks.harness.measure import Measured
from benchmarks.harness.rounds import Compared
from benchmarks.harness.write import BEGIN, END, markdown, put_into, read_all, write_all

from tests.benchmarks.sides import case_of, run_of, side

FACTS = {"rounds": 3, "threads": 2, "small": False}
ABOUT = {"processor": "a chip", "cores": 2, "memory_bytes": 2**34, "system": "Linux", "python": "3.11"}
RATES = {"8x8x8 float32": 100.0, "16x8x8 float32": 400.0, "triad_bytes_per_second": 10.0}


def machine(factor):
    scores = {name: factor * rate for name, rate in RATES.items()}
    return Measured(1.0, 1.0, 1.0, 0.0, None, None, scores, ABOUT | {"libraries": {"torch": "2.0"}})


def working(seconds, **work):
    return Measured(seconds, seconds, seconds, 0.0, 4 * 10**9, 10**9, {"score": 0.5}, work)


@pytest.fixture
def found():
    ours = [working(float(second), flops=600.0, bytes=5.0, precision="float32") for second in (10, 11, 12)]
    theirs = [run_of(float(second), 8 * 10**9, 4 * 10**9, score=0.25) for second in (40, 44, 60)]
    targets = (Target("theirs", 3.5), Target("theirs", 5.0, "peak_above_bytes"))
    case = case_of(side("ours", ""), side("theirs", ""), shapes=((8, 8, 8), (16, 8, 8)), targets=targets)
    return Compared(case, {"ours": ours, "theirs": theirs}, {}, [], (machine(1.0), machine(0.5)), "today")


def test_the_limit_is_the_time_of_all_shapes_at_the_better_rate(found):
    # 1,024 operations at 100 and 2,048 at 400: 15.36 s for 3,072, which is 200 a second; the bytes need half a second.
    limit = limit_of(found, "ours")

    assert limit.rate == pytest.approx(200.0)
    assert limit.seconds == pytest.approx(3.0)


def test_the_limit_is_that_of_the_bytes_where_they_take_longer(found):
    found.runs["ours"][0].work.update(flops=None, bytes=50.0)

    assert limit_of(found, "ours").seconds == pytest.approx(5.0)


def test_there_is_no_limit_where_nothing_was_counted(found):
    assert limit_of(found, "theirs") is None


def test_tables_tell_ratios_memory_and_the_distance_to_the_limit(found):
    text = markdown([found], {"other": "there is no folder of data"}, FACTS)

    assert "| `test` | theirs | 11 | 44 | 4 – 4 – 5 | 3.5 | 4 | 5 |" in text
    assert "| `test` | ours | 600 | 2e-07 | 3 | 11 | 3.67 |" in text
    assert "- `other`: there is no folder of data" in text
    assert "Toy sizes" not in text
    assert "Toy sizes" in markdown([found], {}, FACTS | {"small": True})


def test_broken_bounds_and_failures_are_in_the_text(found):
    found.broken.append("score is 1, which must be 2")
    found.failed["theirs"] = "theirs ended with status 1\nand more"

    text = markdown([found], {}, FACTS)

    assert "**Broken:** score is 1, which must be 2." in text
    assert "**Failed:** theirs ended with status 1\n" in text


def test_files_hold_all_rounds(found, tmp_path):
    write_all([found], {}, FACTS, tmp_path)

    with (tmp_path / "rounds.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["side"], row["seconds"]) for row in rows[2:4]] == [("ours", "12.0"), ("theirs", "40.0")]
    ratios = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))["cases"][0]["ratios"]
    assert ratios["theirs"]["seconds"] == {"minimum": 4.0, "median": 4.0, "maximum": 5.0, "rounds": 3}
    assert [one.to_dict() for one in read_all(tmp_path)] == [found.to_dict()]
    assert read_all(tmp_path / "nowhere") == []


def test_results_of_another_version_are_refused(tmp_path):
    (tmp_path / "bench.json").write_text('{"cases": [{"case": {}}]}', encoding="utf-8")

    with pytest.raises(ValueError, match=r"bench\.json cannot be read .*another version wrote it\. Delete it\."):
        read_all(tmp_path)


def test_tables_go_between_their_marks_and_leave_the_rest(tmp_path):
    document = tmp_path / "performance.md"
    document.write_text(f"# Title\n\nBefore.\n\n{BEGIN}\nold \\1\n{END}\n\nAfter.\n", encoding="utf-8")

    put_into(document, "new \\1 text\n")
    put_into(document, "newer \\1 text\n")

    assert document.read_text(encoding="utf-8") == (f"# Title\n\nBefore.\n\n{BEGIN}\nnewer \\1 text\n{END}\n\nAfter.\n")


def test_a_document_without_marks_gets_them_at_its_end(tmp_path):
    put_into(tmp_path / "new.md", "text")

    assert (tmp_path / "new.md").read_text(encoding="utf-8") == f"# Performance\n\n{BEGIN}\ntext\n{END}\n"
