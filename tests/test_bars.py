"""The bar of library calls: stages, steps, notes, and calls by functions."""

from __future__ import annotations

import neurosieve
from neurosieve.bars import ProgressBar


def test_stages_and_steps_are_drawn(capsys):
    bar = neurosieve.progress_bar()
    assert isinstance(bar, ProgressBar)
    bar.stage("extract train")
    bar.step(3, 10)
    bar.step(10, 10)
    bar.stage("sieve")
    bar(1, 2)
    bar.note("a note")
    bar.close()
    out, err = capsys.readouterr()
    assert "extract train" in err
    assert "10/10" in err
    assert "sieve" in err
    assert "1/2" in err
    assert "a note" in out
    assert "left" not in out


def test_a_function_that_starts_again_gets_a_new_bar(capsys):
    bar = neurosieve.progress_bar("passes")
    for total in (4, 4, 8):
        for done in range(1, total + 1):
            bar(done, total)
    shown = capsys.readouterr().err
    assert shown.count("100%") == 3


def test_what_is_closed_can_be_closed_again():
    bar = neurosieve.progress_bar(leave=False)
    bar.close()
    bar.step(1, 1)
    bar.close()
