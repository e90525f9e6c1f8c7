"""A command of neurosieve in a process group of its own, with what disturbs it.

It is forked from a process that has loaded everything already, so that a start takes milliseconds.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from faults import hooks, inputs

STOPPING = (signal.SIGINT, signal.SIGTERM)
CRASHED = 70


@dataclass
class Child:
    """A started command; ``status`` is its exit status, negative for a signal, once it has ended."""

    pid: int
    log: Path
    counted: Path
    status: int | None = None

    def wait(self, seconds: float = 600.0) -> int | None:
        """Its exit status; None if it has not ended after so many seconds."""
        end = time.monotonic() + seconds
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                return None
            else:
                time.sleep(0.001)
        return self.status

    def send(self, sent: signal.Signals, *, group: bool) -> bool:
        """Send a signal to it alone, or to all of its group; False if it had ended."""
        if self.wait(0.0) is not None:
            return False
        (os.killpg if group else os.kill)(self.pid, sent)
        return True

    def workers(self) -> list[int]:
        """The processes that it has spawned to work for it; where there is no /proc, none."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, ValueError):
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.pid and b"spawn_main" in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
        return found

    def strays(self, patience: float = 10.0) -> bool:
        """Whether processes of its group outlive it; those that do are ended."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            try:
                os.killpg(self.pid, 0)
            except ProcessLookupError:
                return False
            time.sleep(0.01)
        os.killpg(self.pid, signal.SIGKILL)
        return True

    @property
    def said(self) -> str:
        """What it wrote on standard output and standard error."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def operations(self) -> tuple[int, bool]:
        """How many file operations it made, and whether its hook struck."""
        try:
            count, struck = self.counted.read_text().split()
        except (OSError, ValueError):
            return 0, False
        return int(count), struck == "1"


def start(argv: Sequence[str], log: Path, hook: hooks.Hook, file_limit: int | None = None, *, draws: bool) -> Child:
    """Start a command; with ``file_limit`` no file of it can grow beyond so many bytes."""
    sys.stdout.flush()
    log.touch()
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)  # until the child is the command
    pid = os.fork()
    if pid == 0:
        _be_child(argv, log, hook, file_limit, draws)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    return Child(pid, log, hook.counted)


def _be_child(argv: Sequence[str], log: Path, hook: hooks.Hook, file_limit: int | None, draws: bool) -> None:
    status = CRASHED
    try:
        os.setsid()
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        status = _work(argv, hook, file_limit, draws)
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        os._exit(status)


def _work(argv: Sequence[str], hook: hooks.Hook, file_limit: int | None, draws: bool) -> int:
    from neurosieve import cli

    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    inputs.make_small(draws=draws)
    hooks.install(hook)
    if file_limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
    sys.argv = ["neurosieve", *argv]
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    except KeyboardInterrupt:  # it came before the command had begun, and ends it as it would end any process then
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)
    try:
        cli.main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def load_everything() -> None:
    """In the process that forks: what the commands load when they run."""
    import accelerate  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import transformers.models.bert.modeling_bert
    import transformers.trainer  # noqa: F401
    from transformers.conversion_mapping import get_checkpoint_conversion_mapping

    import neurosieve.report
    import neurosieve.run.finetuning.work
    import neurosieve.run.pipeline  # noqa: F401

    get_checkpoint_conversion_mapping("bert")  # compiles a thousand expressions
