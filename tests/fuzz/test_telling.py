"""What libFuzzer said, and what is told of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fuzz.__main__ import main
from fuzz.rounds import Ran
from fuzz.telling import BEGIN, END, kinds_in, put_into, table
from typer import BadParameter

from fuzz import rounds

LOG = """INFO: Instrumenting neurosieve
#2	INITED cov: 66 ft: 70 corp: 3/900b exec/s: 0 rss: 398Mb
#512	NEW    cov: 71 ft: 80 corp: 4/910b lim: 4096 exec/s: 256 rss: 399Mb
#900	REDUCE cov: 79 ft: 90 corp: 5/900b lim: 4096 exec/s: 300 rss: 399Mb
"""
DONE = LOG + "#1000	DONE   cov: 79 ft: 90\nDone 1000 runs in 4 second(s)\nstat::number_of_executed_units: 1000\n"
KILLED = LOG + "==7== libFuzzer: out-of-memory (used: 3001Mb; limit: 3000Mb)\n"


def ran_as(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, logs: list[tuple[int, str]]) -> Ran:
    waiting = list(logs)

    def process(name: str, made: Path, out: Path, seconds: int, memory: int, log: Path) -> int:
        status, said = waiting.pop(0)
        log.write_text(said, encoding="utf-8")
        return status

    monkeypatch.setattr(rounds, "_process", process)
    return rounds.fuzzed("columns", tmp_path, tmp_path, 100.0, 3000)


def test_a_process_that_ends_by_itself(monkeypatch, tmp_path):
    found = ran_as(monkeypatch, tmp_path, [(0, DONE)])
    assert (found.executions, found.seconds, found.edges_before, found.edges, found.starts) == (1000, 4.0, 66, 79, 1)


def test_one_that_is_ended_is_followed_by_another(monkeypatch, tmp_path):
    (tmp_path / "findings").mkdir()
    (tmp_path / "findings" / "columns-oom-1").write_bytes(b"x")
    found = ran_as(monkeypatch, tmp_path, [(71, KILLED), (0, DONE)])
    assert (found.executions, found.edges, found.starts) == (1900, 79, 2)
    assert found.findings == ("columns-oom-1",)


def test_one_that_always_ends_is_given_up(monkeypatch, tmp_path):
    assert ran_as(monkeypatch, tmp_path, [(1, "")] * 30) == Ran("columns", 0, 0, 0, 0, 0, (), rounds.MOST_STARTS)


def test_the_table(tmp_path):
    ran = [Ran("columns", 1000, 4.0, 66, 79, 5, (), 1), Ran("text", 2500, 5.6, 1, 2, 3, ("text-oom-1",), 2)]
    told = table(ran, {"text": 1}, {"python": "3.11"})
    assert "| `columns` | words and labels in columns | 1,000 | 4 | 66 | 79 | 5 | 0 |" in told
    assert "| all |  | 3,500 | 10 |  |  |  | 1 |" in told
    assert told.endswith("Versions: python 3.11.")


def test_findings_that_differ_in_a_number_are_one_kind(tmp_path):
    for name, said in (
        ("00000001", "message of 2000"),
        ("00000002", "message of 3000"),
        ("00000003", "TypeError in x"),
    ):
        (tmp_path / f"store-{name}.txt").write_text(f"{said}\n\nmore", encoding="utf-8")
        (tmp_path / f"store-{name}.input").write_bytes(b"")
    (tmp_path / "store-timeout-abc").write_bytes(b"")
    (tmp_path / "compact-description-00000001.txt").write_text("one", encoding="utf-8")
    found = kinds_in(tmp_path, ["store", "compact", "compact-description"])
    assert found == {"store": 3, "compact": 0, "compact-description": 1}


def test_the_table_goes_between_its_marks(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    put_into(page, "new")
    assert page.read_text(encoding="utf-8") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks the marks"):
        put_into(page, "new")


def test_wrong_use(tmp_path):
    with pytest.raises(BadParameter, match="Name a --target, or --all"):
        main(out=tmp_path)
    with pytest.raises(BadParameter, match="There is no reader 'nothing'; see --list"):
        main(target=["nothing"], out=tmp_path)


def test_what_was_told_is_told_again(tmp_path, capsys):
    one = Ran("text", 2500, 5.6, 1, 2, 3, (), 2)
    summary = {"seconds": 6, "versions": {"python": "3.11"}, "targets": [one.to_dict()]}
    (tmp_path / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    main(told=True, out=tmp_path)
    assert "| `text` | plain text | 2,500 |" in capsys.readouterr().out
    main(list_targets=True, out=tmp_path)
    assert "compact-description" in capsys.readouterr().out
