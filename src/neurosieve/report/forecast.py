"""A forecast as plain text: a table of stages in 80 columns, and what it means."""

from __future__ import annotations

from collections.abc import Iterator

from neurosieve.run.forecast.records import Forecast, StageForecast

WIDTH = 80
_NAME, _END = 36, 26  # of a stage, and of the end of a long one: there stands what is done


def forecast_text(forecast: Forecast) -> str:
    """The whole of it, no line longer than 80 characters."""
    return "\n".join([*_table(forecast), "", *_sentences(forecast)])


def _table(forecast: Forecast) -> Iterator[str]:
    yield _line("stage", "seconds", "memory", "cache", "output")
    yield "-" * WIDTH
    for stage in forecast.stages:
        yield _row(stage)
    yield "-" * WIDTH
    cache, out = forecast.disk.cache_bytes, forecast.disk.out_bytes
    yield _line("total", _time(forecast.seconds), size(forecast.peak_bytes), size(cache), size(out))


def _row(stage: StageForecast) -> str:
    name = f"{stage.name} ({stage.note})" if stage.note else stage.name
    cache, out = ("" if not one else size(one) for one in (stage.cache_bytes, stage.out_bytes))
    return _line(name, _time(stage.seconds), size(stage.peak_bytes), cache, out)


def _line(name: str, seconds: str, memory: str, cache: str, out: str) -> str:
    shown = name if len(name) <= _NAME else f"{name[: _NAME - _END - 1]}…{name[-_END:]}"
    return f"{shown:<{_NAME}} {seconds:>10} {memory:>10} {cache:>10} {out:>10}".rstrip()


def _sentences(forecast: Forecast) -> Iterator[str]:
    disk, read = forecast.disk, forecast.rows - forecast.cached_rows
    kept = f" of {forecast.rows:,}; the others are in the cache" if forecast.cached_rows else ""
    yield f"Read by {_short(forecast.model)}: {read:,} rows{kept}."
    limit = f"{'the limit is' if forecast.limit_given else 'available are'} {size(forecast.limit_bytes)}"
    yield f"Memory: {size(forecast.peak_bytes)} at most, pages of mapped files left out; {limit}."
    if forecast.workers:
        yield f"That is of {forecast.workers + 1} processes: one that leads, and its workers."
    yield f"Disk: {size(disk.cache_bytes)} of activations, free {size(disk.cache_free_bytes)}:"
    yield f"  {_end(disk.cache)}"
    where = "on the same disk" if disk.shared else f"free {size(disk.out_free_bytes)}"
    yield f"Output: {size(disk.out_bytes)}, {where}:"
    yield f"  {_end(disk.out)}"
    yield "Times are right to about a factor of two: how long a search takes, the data say."
    if forecast.choices.held_bytes is not None:
        yield f"To keep to the limit: batches of {forecast.choices.batch_tokens:,} pieces, at most"
        yield f"  {size(forecast.choices.held_bytes)} of chosen columns in memory; see --json for all of it."
    yield "Nothing was written."


def size(number: int) -> str:
    """Bytes in three digits: kB, MB, GB or TB."""
    value, unit = number / 1e3, "kB"
    for larger in ("MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1e3, larger
    return f"{value:.{0 if value >= 99.95 or value == 0 else 1 if value >= 9.995 else 2}f} {unit}"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.1f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def _short(name: str) -> str:
    return name if len(name) <= 24 else "…" + name[-23:]


def _end(path: str) -> str:
    """The end of a path that is too long for a line."""
    return path if len(path) <= WIDTH - 2 else "…" + path[-(WIDTH - 3) :]
