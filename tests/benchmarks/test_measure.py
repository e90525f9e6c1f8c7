import os
import signal
import sys
from pathlib import Path

import pytest
from benchmarks.harness.measure import SideFailed, run_side, surroundings

from tests.benchmarks.sides import INTERPRETERS, answering, side

HAS_PROC = Path("/proc/self/smaps_rollup").exists()
MEGABYTES = 200

# Held while it is timed, once here and once in a child, and long enough to be looked at.
HOLDING = f"""
import subprocess, sys, time
from benchmarks.worker import answer, timed
held = b"x" * ({MEGABYTES} << 20)
with timed() as timer:
    child = "import time; held = b'x' * ({MEGABYTES} << 20); time.sleep(0.8)"
    subprocess.run([sys.executable, "-c", child], check=True)
answer(timer, {{}})
"""


def test_the_last_line_is_the_answer_and_all_is_logged(tmp_path):
    log = tmp_path / "logs" / "side.log"

    found = run_side(side("a", answering(1.5, accuracy=0.25)), INTERPRETERS, 1, log)

    assert found.seconds == 1.5
    assert found.scores == {"accuracy": 0.25}
    assert found.wall_seconds > 0
    assert log.read_text(encoding="utf-8").startswith("chatter")
    assert found.value("accuracy") == 0.25
    assert found.value("seconds") == 1.5
    assert found.value("nothing of that name") is None


def test_a_failed_side_shows_the_end_of_its_errors(tmp_path):
    code = "import sys; print('before'); sys.exit('the disk is full')"

    with pytest.raises(SideFailed, match=r"(?s)^a ended with status 1; all it said is in .*before.*the disk is full"):
        run_side(side("a", code), INTERPRETERS, 1, tmp_path / "log")


@pytest.mark.parametrize("last", ["no JSON", '{"scores": {}}', "[1]", ""])
def test_a_side_without_an_answer_fails(tmp_path, last):
    with pytest.raises(SideFailed, match="a gave no answer: its last line must be a JSON object with seconds"):
        run_side(side("a", f"print({last!r})"), INTERPRETERS, 1, tmp_path / "log")


@pytest.mark.skipif(not HAS_PROC, reason="there is no /proc")
def test_the_peak_is_that_of_the_whole_tree_and_the_part_above_the_input_is_told_apart(tmp_path):
    found = run_side(side("a", HOLDING), INTERPRETERS, 1, tmp_path / "log")

    held = MEGABYTES << 20
    assert 2 * held < found.peak_bytes < 2.5 * held  # two interpreters hold far less than half of it
    assert held < found.peak_above_bytes < 1.5 * held


def test_a_side_ends_with_the_harness(tmp_path):
    """Left behind, it would run beside whatever is measured next."""
    code = "import os, pathlib, time; pathlib.Path('{}').write_text(str(os.getpid())); time.sleep(60)"
    mark = tmp_path / "pid"

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    try:
        with pytest.raises(KeyboardInterrupt):
            run_side(side("a", code.format(mark)), INTERPRETERS, 1, tmp_path / "log", look=False)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)

    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text(encoding="utf-8")), 0)


def test_without_looking_there_is_no_peak(tmp_path):
    found = run_side(side("a", answering(1.0)), INTERPRETERS, 1, tmp_path / "log", look=False)

    assert found.peak_bytes is None
    assert found.peak_above_bytes is None


def test_every_side_has_the_same_threads_and_no_gpu(tmp_path):
    names = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"]
    code = f"import json, os; print(json.dumps({{'seconds': 1, 'scores': {{n: int(os.environ[n]) for n in {names}}}}}))"

    assert set(run_side(side("a", code), INTERPRETERS, 3, tmp_path / "log").scores.values()) == {3}
    assert surroundings(3)["CUDA_VISIBLE_DEVICES"] == ""


def test_workers_find_the_benchmarks_wherever_the_harness_was_started(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = "import benchmarks.worker as w; t = w.timed(); print('{\"seconds\": 1}')"

    assert run_side(side("a", code), {"ours": Path(sys.executable)}, 1, tmp_path / "log").seconds == 1.0
