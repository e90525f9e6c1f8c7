"""Things that lie with the workers of a team, so that a task goes to them and not they to the task."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from neurosieve.engines.team import Desk, Team

Item = TypeVar("Item")
Argument = TypeVar("Argument")
Result = TypeVar("Result")

_NAMES = itertools.count()


class Spread(Generic[Item]):
    """Items, the i-th with worker i modulo the team's size.

    Items and what tasks are given and give travel between processes: arrays of numpy go by value.
    """

    def __init__(self, team: Team, items: Sequence[Item]) -> None:
        self._team, self._n_items = team, len(items)
        self._name = f"spread {next(_NAMES)}"
        for _ in team.each(_keep, [(self._name, items[worker :: team.size]) for worker in range(team.size)]):
            pass

    def each(self, task: Callable[[Item, Argument], Result], argument: Argument) -> Iterator[Result]:
        """Do a task with every item and one argument; results in the order of the items, as they come.

        Raises:
            Exception: see `Team.each`.
        """
        places = (index // self._team.size for index in range(self._n_items))
        return self._team.each(_do_with, [(self._name, place, task, argument) for place in places])

    def drop(self) -> None:
        """Let the workers forget them."""
        for _ in self._team.each(_forget, [self._name] * self._team.size):
            pass


def _keep(desk: Desk, given: tuple[str, Sequence[Any]]) -> None:
    desk[given[0]] = list(given[1])


def _do_with(desk: Desk, given: tuple[str, int, Callable[[Any, Any], Any], Any]) -> Any:
    name, place, task, argument = given
    return task(desk[name][place], argument)


def _forget(desk: Desk, name: str) -> None:
    desk.pop(name, None)
