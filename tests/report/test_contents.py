"""What `neurosieve info` says of every record, in lines that fit."""

from __future__ import annotations

import json

import pytest
from rich.cells import cell_len

from neurosieve.errors import ConfigError
from neurosieve.report.contents import contents
from tests.report.records import every_record, renamed

RECORDS = every_record()


@pytest.mark.parametrize("file", RECORDS)
def test_every_record_is_told_in_lines_that_fit(tmp_path, file):
    for record in (RECORDS[file], renamed(RECORDS[file])):
        record.save(tmp_path / file)
        facts, lines = contents(str(tmp_path))
        assert facts == json.loads((tmp_path / file).read_text(encoding="utf-8"))
        assert len(lines) > 2
        assert max(map(cell_len, lines)) <= 80, max(lines, key=cell_len)
        assert contents(str(tmp_path / file)) == (facts, lines)


def test_a_run_names_task_score_and_size(tmp_path):
    RECORDS["results.json"].save(tmp_path / "results.json")
    lines = contents(str(tmp_path))[1]
    row = next(line for line in lines if line.split()[:2] == ["chunk", "oracle"])
    task = RECORDS["results.json"].tasks["chunk"]
    assert f"{100 * task.oracle.test.value:.1f} %" in row
    assert f"{task.oracle.neurons:,}" in row
    below = lines[lines.index(row) + 1]
    assert below.split()[0] == "sieve"
    assert f"{len(task.sieve.neurons):,} (" in below


def test_studies_in_a_run_s_folder_are_named_below_it(tmp_path):
    for file in ("results.json", "front-chunk.json", "bench.json"):
        RECORDS[file].save(tmp_path / file)
    facts, lines = contents(str(tmp_path))
    assert set(facts["tasks"]) == set(RECORDS["results.json"].tasks)
    below = lines[lines.index("Also here:") + 1 :]
    assert [line.split()[0] for line in below] == ["front-chunk.json", "bench.json"]
    assert "Front of chunk" in below[0]


def test_nothing_known(tmp_path):
    assert contents(str(tmp_path)) is None
    assert contents(str(tmp_path / "nowhere")) is None


@pytest.mark.parametrize("file", RECORDS)
def test_what_is_damaged_is_named(tmp_path, file):
    for content in (b"{}", b"{", b"\xff\xfe"):
        (tmp_path / file).write_bytes(content)
        with pytest.raises(ConfigError, match=f"{file} is damaged or of another version"):
            contents(str(tmp_path))
