"""Pieces of a recording that were cut or weighed once: an edited rule asks for the new ones alone.

A stage that goes back to the media is done again whenever the claims change, most of which are the same as before. So
each piece is kept by what it was made from: `WORKSPACE/<recording id>/<kind>-<key>.json` holds all of a kind, its key
those of the media and the tool. A piece depends on nothing but these and its own name, never on what else was asked
for, so results are the same as those of a first run.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from streamlens.schema import Record
from streamlens.store import Store, digest, make_key


class Pieces(Record, frozen=True, kw_only=True):
    """By name, as JSON; None is a piece too: there was nothing to be had."""

    pieces: dict[str, msgspec.Raw]


def take_pieces(
    store: Store, recording: str, kind: str, version: int, made_from: Iterable[Any], wanted: Sequence[Any],
    make: Callable[[Sequence[Any]], Sequence[Any]], piece: Any,
) -> list[Any]:  # fmt: skip
    """What `make` gives for each of `wanted`, in their order; it is called with those alone that were not made before.

    `made_from` is all else that a piece depends on, `piece` its type; raise `version` when it comes out otherwise.
    Pieces that are not wanted any more are forgotten, so that the file never outgrows the recording's report.
    """
    if not wanted:
        return []
    key = make_key(kind, version, b"", [digest(msgspec.json.encode(list(made_from)))])
    kept = store.load(recording, kind, key, Pieces)
    known = kept.record.pieces if kept else {}
    names = [digest(msgspec.json.encode(each))[:32] for each in wanted]
    new = {name: each for name, each in zip(names, wanted, strict=True) if name not in known}
    if new:
        made = make(tuple(new.values()))
        known = known | {name: msgspec.Raw(msgspec.json.encode(each)) for name, each in zip(new, made, strict=True)}
        store.save(recording, kind, key, Pieces(pieces={name: known[name] for name in names}))
        for other in store.folder(recording).glob(f"{kind}-*.json"):
            if other.name != f"{kind}-{key}.json":  # of other media, or an older version
                store.remove(recording, other.name)
    return [msgspec.json.decode(known[name], type=piece) for name in names]
