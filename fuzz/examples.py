"""A record of any schema, filled in everywhere: what no small run would leave is made up from the types."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

_PLAIN: dict[Any, Any] = {str: "a", int: 1, float: 0.5, bool: True, object: 1, Any: 1}


def example(kind: Any, default: Any = None) -> Any:
    """A value of a type, as JSON has it; ``default`` where that says more."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {name: example(one.annotation, _default(one)) for name, one in kind.model_fields.items()}
    if kind in _PLAIN:
        return _PLAIN[kind] if default is None else default
    return _composed(get_origin(kind), get_args(kind), default)


def _default(field: Any) -> Any:
    """A default that is a plain value: a number that is no other, or a name that has a form."""
    return field.default if isinstance(field.default, int | str) and not isinstance(field.default, bool) else None


def _composed(origin: Any, args: tuple[Any, ...], default: Any) -> Any:
    if origin is Literal:
        return args[0]
    if origin in (Union, UnionType):
        return example(next(one for one in args if one is not NoneType), default)
    if origin is list:
        return [example(args[0])] * 2
    if origin is tuple:
        return [example(one) for one in args if one is not ...]
    if origin is dict:
        return {str(example(args[0])): example(args[1])}
    raise TypeError(f"no example for {origin} of {args}")
