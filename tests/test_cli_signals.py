"""A signal ends a command with one line, whatever it interrupts."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from neurosieve import cli
from neurosieve.run import extraction
from tests.conftest import Call

LINE = "neurosieve: {}. What was extracted is kept; the next run goes on there.\n"


@pytest.fixture
def ask(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """`neurosieve extract`, which does something else."""

    def asked(does: object) -> object:
        monkeypatch.setattr(extraction, "run_extract", does)
        return call("extract", "--text", tmp_path / "text.txt", "--out", tmp_path / "out")

    return asked


@pytest.mark.parametrize(
    ("sent", "status", "word"), [(signal.SIGTERM, 143, "terminated"), (signal.SIGINT, 130, "interrupted")]
)
@pytest.mark.parametrize("becomes", [None, RuntimeError("cannot release un-acquired lock")])
def test_a_signal_ends_with_one_line_and_its_status(ask, sent, status, word, becomes) -> None:
    def stopped(*_: object, **__: object) -> None:
        try:
            os.kill(os.getpid(), sent)
        except KeyboardInterrupt:
            if becomes is None:
                raise
            raise becomes from None

    # A shell lets its background jobs ignore SIGINT, and a command would leave it so.
    inherited = signal.signal(sent, signal.default_int_handler if sent == signal.SIGINT else signal.SIG_DFL)
    try:
        before = signal.getsignal(sent)
        assert ask(stopped) == (status, "", LINE.format(word))
        assert signal.getsignal(sent) is before
    finally:
        signal.signal(sent, inherited)


def test_signals_that_are_decided_about_stay(ask) -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        status, _, err = ask(lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM) or {})
        assert (status, err) == (0, "")
    finally:
        signal.signal(signal.SIGTERM, before)


def test_another_thread_can_call_a_command(monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.argv", ["neurosieve", "--help"])
    ended: list[object] = []

    def work() -> None:
        try:
            cli.main()
        except SystemExit as end:
            ended.append(end.code)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended == [0]
    assert "Find what is redundant" in capsys.readouterr().out
