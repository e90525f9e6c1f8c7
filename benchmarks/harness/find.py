"""Where the cases are."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from benchmarks.harness.case import Case, Settings

HERE = Path(__file__).resolve().parents[1]


def case_modules() -> list[str]:
    """Every module of ``benchmarks/cases``, and ``cases.py`` of every other folder."""
    own = sorted(path.stem for path in (HERE / "cases").glob("[a-z]*.py"))
    others = sorted(path.parent.name for path in HERE.glob("*/cases.py"))
    return [f"benchmarks.cases.{name}" for name in own] + [f"benchmarks.{name}.cases" for name in others]


def all_cases(settings: Settings) -> list[Case]:
    """All cases, by module and in each module's own order.

    Raises:
        ValueError: two have one name.
    """
    found = [case for name in case_modules() for case in import_module(name).cases(settings)]
    names = [case.name for case in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"Two cases are called {twice[0]!r}; a case's name is its own.")
    return found


def chosen(cases: list[Case], only: list[str], has_data: bool, slow: bool) -> tuple[list[Case], dict[str, str]]:
    """The cases to run, and why others are not.

    Raises:
        ValueError: there is no case of a name that was asked for.
    """
    known = [case.name for case in cases]
    if unknown := [name for name in only if name not in known]:
        raise ValueError(f"There is no case {unknown[0]!r}; there are {', '.join(known)}.")
    asked = [case for case in cases if not only or case.name in only]
    why: dict[str, str] = {}
    for case in asked:
        if case.needs_data and not has_data:
            why[case.name] = "there is no folder of data"
        elif case.slow and not (slow or only):
            why[case.name] = "slow: ask for it with --slow or --only"
    return [case for case in asked if case.name not in why], why
