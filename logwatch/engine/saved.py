"""State as bytes: what a follower writes down, so that after a restart it goes on where it was."""

from __future__ import annotations

from array import array
from collections import Counter, OrderedDict
from types import GenericAlias
from typing import Any, TypeVar, get_args, get_origin

import msgspec

State = TypeVar("State")


def saved(state: object) -> bytes:
    """Return `state`, which is made of structs, dataclasses and plain collections, as MessagePack."""
    return msgspec.msgpack.encode(state, enc_hook=_plain)


def restored(kind: type[State], data: bytes) -> State:
    """Return the state that `saved` wrote. Raises `msgspec.DecodeError` if it is none of that kind."""
    return msgspec.msgpack.decode(data, type=kind, dec_hook=_collection)


def _plain(value: object) -> object:
    if isinstance(value, array):
        return list(value)
    raise NotImplementedError(f"{type(value).__name__} is no state")


def _collection(kind: Any, value: Any) -> Any:
    """Make the collection that `kind` names of the list or mapping that was read."""
    origin, arguments = get_origin(kind) or kind, get_args(kind)
    if origin is array:
        return array("d", msgspec.convert(value, list[float]))
    if origin is Counter:
        return Counter(msgspec.convert(value, GenericAlias(dict, (*arguments, int))))
    if origin is OrderedDict:
        return OrderedDict(msgspec.convert(value, GenericAlias(dict, arguments)))
    raise NotImplementedError(f"{kind} is no state")
