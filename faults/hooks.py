"""What happens in a child at its k-th file operation: it is killed, or the disk is full from then on.

Python tells of every file that it opens, renames, links or removes before it does so (`sys.addaudithook`), and a hook
may refuse. What Rust and C++ write (safetensors, checkpoints of torch) and what is flushed is counted here as well.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

WATCHED = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.listdir", "os.scandir"}
GROWS = {"os.rename", "os.mkdir", "os.link", "fsync", "tensors", "checkpoint"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass(frozen=True)
class Hook:
    """What a child does at the ``at``-th file operation below ``root``; it counts them into a file ``counted``."""

    root: Path
    counted: Path
    at: int = 0
    act: Literal["nothing", "kill", "full"] = "nothing"


class Counter:
    """Counts file operations, and strikes when it is time."""

    def __init__(self, hook: Hook) -> None:
        self.hook, self.root = hook, os.fspath(hook.root)
        self._count, self._struck = 0, False
        self._lock = threading.RLock()
        self._out = os.open(hook.counted, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def is_below(self, path: object) -> bool:
        """Whether a path is one that is watched."""
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        return isinstance(path, str | os.PathLike) and os.path.abspath(os.fspath(path)).startswith(self.root)

    def __call__(self, grows: bool) -> bool:
        """Count an operation; whether the disk is full for it."""
        with self._lock:
            self._count += 1
            due = bool(self.hook.at) and self._count >= self.hook.at
            if due and (self.hook.act == "kill" or (self.hook.act == "full" and grows)):
                self._struck = True
            self._tell()
            if due and self.hook.act == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
        return due and grows and self.hook.act == "full"

    def _tell(self) -> None:
        os.pwrite(self._out, f"{self._count:9d} {int(self._struck)}\n".encode(), 0)


def install(hook: Hook) -> None:
    """In this process, for good."""
    count = Counter(hook)

    def audited(event: str, args: tuple[Any, ...]) -> None:
        if event not in WATCHED or not args or not count.is_below(args[0]):
            return
        grows = event in GROWS or (event == "open" and bool((args[2] or 0) & WRITES))
        if count(grows):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fspath(args[0]))

    sys.addaudithook(audited)
    _flushing(count)
    _tensors(count)


def _flushing(count: Counter) -> None:
    fsync = os.fsync

    def watched(handle: Any) -> None:
        if count(True):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(handle)

    os.fsync = watched


def _tensors(count: Counter) -> None:
    """Files of tensors: a kill before or after one, or half of it and a full disk."""
    import safetensors.numpy
    import safetensors.torch
    import torch
    from safetensors import SafetensorError

    def halved(write: Callable[..., Any], place: int, error: type[Exception]) -> Callable[..., Any]:
        def written(*args: Any, **named: Any) -> Any:
            target = args[place] if len(args) > place else named.get("filename")
            if not count.is_below(target):
                return write(*args, **named)
            full = count(True)
            result = write(*args, **named)
            if full:
                os.truncate(target, os.path.getsize(target) // 2)
                raise error("I/O error: No space left on device (os error 28)")
            count(False)
            return result

        return written

    for module in (safetensors.torch, safetensors.numpy):
        module.serialize_file = halved(module.serialize_file, 1, SafetensorError)
    torch.save = halved(torch.save, 1, RuntimeError)
