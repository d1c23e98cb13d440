"""What single values cannot tell: ids used twice, rungs that do not exist, a new rung without its height."""

import re
from collections.abc import Iterator

from osmose_addon.config.findings import KeyPath, shown, shown_name
from osmose_addon.config.values import Words, nearest
from osmose_addon.model.config import DEFAULT_RENDITIONS
from osmose_addon.model.ids import ID_PATTERN, slug

Disagreement = tuple[KeyPath, Words]

_HEIGHT = re.compile(r"([0-9]{1,9})[pP]?")


def disagreements(tree: object) -> tuple[Disagreement, ...]:
    """Return what does not fit together; what is misshapen is passed over, for the schema tells about it."""
    if not isinstance(tree, dict):
        return ()
    ladder = tree.get("renditions")
    rungs = {str(key): rung for key, rung in ladder.items()} if isinstance(ladder, dict) else {}
    return (
        *_ids_used_twice("libraries", tree.get("libraries")),
        *_ids_used_twice("cameras", tree.get("cameras")),
        *_unfinished_rungs(rungs),
        *_unknown_rungs(tree.get("libraries"), (*_built_in(), *rungs)),
    )


def _built_in() -> tuple[str, ...]:
    return tuple(rendition.id for rendition in DEFAULT_RENDITIONS)


def _mappings(things: object) -> Iterator[tuple[int, dict[str, object]]]:
    for index, thing in enumerate(things if isinstance(things, list) else []):
        if isinstance(thing, dict):
            yield index, thing


def _ids_used_twice(section: str, things: object) -> Iterator[Disagreement]:
    seen: dict[str, int] = {}
    for index, thing in _mappings(things):
        key = "id" if "id" in thing else "name"
        written = thing.get(key)
        if not isinstance(written, str) or not written.strip():
            continue
        id_ = written.strip() if key == "id" else slug(written.strip())
        if id_ in seen:
            problem = f"the id {shown_name(id_)} already belongs to {section}[{seen[id_]}]"
            yield (section, index, key), Words(problem, "give one of them another name or an id of its own")
        seen.setdefault(id_, index)


def _unfinished_rungs(rungs: dict[str, object]) -> Iterator[Disagreement]:
    for id_, rung in rungs.items():
        if id_ not in _built_in() and ID_PATTERN.fullmatch(id_) and isinstance(rung, dict):
            for key in ("height", "video"):
                if key not in rung:
                    near = _meant_rung(id_, _built_in())
                    hint = f"a rung that is not built in needs it; built in are {', '.join(_built_in())}"
                    hint += f"; {near}" if near else ""
                    yield ("renditions", id_), Words(f"the key '{key}' is missing", hint, is_quotable=False)


def _unknown_rungs(libraries: object, known: tuple[str, ...]) -> Iterator[Disagreement]:
    for index, library in _mappings(libraries):
        wanted = library.get("renditions")
        if not isinstance(wanted, list):
            continue
        path = ("libraries", index, "renditions")
        if not wanted:
            hint = "name at least one, or write transcode: never"
            yield path, Words("the list is empty", hint, is_quotable=False)
        for place, rung in enumerate(wanted):
            words = _words_for_rung(rung, wanted[:place], known)
            if words is not None:
                yield (*path, place), words


def _words_for_rung(rung: object, before: list[object], known: tuple[str, ...]) -> Words | None:
    is_number = isinstance(rung, int) and not isinstance(rung, bool)
    if not is_number and not isinstance(rung, str):
        return None
    if rung in before:
        return Words(f"the rung {shown(str(rung))} is named twice", "remove one of them")
    if rung in known:
        return None
    near = _meant_rung(str(rung), known)
    hint = f"known are {', '.join(known)}" + (f"; {near}" if near else "; add others under 'renditions:'")
    return Words(f"there is no rung {shown(str(rung))}", hint)


def _meant_rung(written: str, known: tuple[str, ...]) -> str:
    """Return the likely guess, or nothing: no height is a misspelled other one, but `720` lacks its p."""
    number = _HEIGHT.fullmatch(written)
    if number is None:
        return nearest(written, known)
    return f"did you mean '{number[1]}p'?" if f"{number[1]}p" in known else ""
