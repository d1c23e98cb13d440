"""The only door to YAML: from the bytes of a file to nodes that know their place, or to findings, never a traceback.

A person writes this file, so every way of getting it wrong is worth a sentence. The texts of the YAML parser are never
shown: they quote what they tripped over, and that may be a password.
"""

import re
from pathlib import Path

import yaml

from osmose_addon.config.findings import ConfigFindingsError, KeyPath, finding_at, shown_name
from osmose_addon.config.nodes import Listing, Mapping, Node, Place, Scalar
from osmose_addon.config.wording import words_for

MAX_BYTES = 262_144
MAX_DEPTH = 40
MAX_NODES = 20_000

_SURROGATE = re.compile("[\ud800-\udfff]")
_STANDARD = "tag:yaml.org,2002:"


def load_nodes(path: Path, file: str = "") -> Node:
    """Return what the file says.

    `file` is the name to show in findings, the path itself if not given. Raises: ConfigFindingsError with one finding
    when the file cannot be read or is not YAML.
    """
    start = Place(file or str(path), 1, 1)
    text = _decoded(_bytes_of(path, start), start)
    node = _parsed(text, start)
    if node is None or (isinstance(node, Scalar) and node.tag == "null"):
        raise ConfigFindingsError(finding_at(start, (), "the file is empty", "write at least one key with its value"))
    return node


def load_texts(path: Path) -> dict[str, str]:
    """Return the texts of a translations file by dotted key: `{"error.busy": "Not now."}`.

    Every value counts as text, as it is written. Raises: ConfigFindingsError.
    """
    root = load_nodes(path)
    if not isinstance(root, Mapping):
        raise ConfigFindingsError(finding_at(root.place, (), "the file must hold keys with values"))
    texts: dict[str, str] = {}
    _flatten(root, (), texts)
    return texts


def _flatten(node: Mapping, path: KeyPath, texts: dict[str, str]) -> None:
    for key, value in node.entries:
        if not isinstance(key, Scalar):
            raise ConfigFindingsError(finding_at(key.place, path, "a key must be one word"))
        here = (*path, key.text)
        name = ".".join(str(step) for step in here)
        if isinstance(value, Mapping):
            _flatten(value, here, texts)
        elif not isinstance(value, Scalar) or value.tag == "null" or value.tag.startswith("!"):
            raise ConfigFindingsError(finding_at(value.place, here, "must be text"))
        elif name in texts:
            raise ConfigFindingsError(finding_at(key.place, here, f"the key {shown_name(key.text)} is written twice"))
        else:
            texts[name] = value.text


def _bytes_of(path: Path, start: Place) -> bytes:
    try:
        content = _first_bytes(path)
    except FileNotFoundError:
        problem, hint = "the file does not exist", "check the folder and the spelling of the name"
    except IsADirectoryError:
        problem, hint = "this is a folder, not a file", ""
    except PermissionError:
        problem, hint = "the file may not be read", "check its permissions"
    except (OSError, ValueError):
        problem, hint = "the file cannot be read", ""
    else:
        if len(content) <= MAX_BYTES:
            return content
        problem, hint = "the file is too large", f"at most {MAX_BYTES // 1024} KiB are read"
    raise ConfigFindingsError(finding_at(start, (), problem, hint))


def _first_bytes(path: Path) -> bytes:
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError  # a pipe or a device could block for ever
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _decoded(content: bytes, start: Place) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = content[: error.start].decode("utf-8-sig", "replace")
    place = _place_after(good, start.file)
    raise ConfigFindingsError(finding_at(place, (), "the file is not UTF-8 text", "save it with the encoding UTF-8"))


def _place_after(text: str, file: str) -> Place:
    line = text.count("\n") + 1
    return Place(file, line, len(text) - (text.rfind("\n") + 1) + 1)


def _parsed(text: str, start: Place) -> Node | None:
    try:
        return _composed(text, start.file)
    except yaml.reader.ReaderError as error:
        place = _place_after(text[: error.position], start.file)
        problem, hint = "there is an invisible control character here", "delete it"
    except yaml.MarkedYAMLError as error:
        problem, hint, is_about_start = words_for(str(error.problem))
        place = _place_of_error(error, start, is_about_start=is_about_start)
    except (yaml.YAMLError, ValueError, OverflowError):
        place, (problem, hint, _) = start, words_for("")
    raise ConfigFindingsError(finding_at(place, (), problem, hint))


def _place_of_error(error: yaml.MarkedYAMLError, start: Place, *, is_about_start: bool) -> Place:
    mark = error.context_mark if is_about_start and error.context_mark else error.problem_mark
    return start if mark is None else Place(start.file, mark.line + 1, mark.column + 1)


def _composed(text: str, file: str) -> Node | None:
    _check_shape(text, file)
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    return None if root is None else _Copy(file).node(root, 1)


def _check_shape(text: str, file: str) -> None:
    """Refuse what is too deep or too much while it is still a flat run of events: composing and copying recurse."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        _check_limits(depth, count, _place_of(event, file))


def _check_limits(depth: int, count: int, place: Place) -> None:
    if depth > MAX_DEPTH:
        problem = f"this is nested too deeply: {MAX_DEPTH} levels are the limit"
        raise ConfigFindingsError(finding_at(place, (), problem))
    if count > MAX_NODES:
        problem = f"this is too much: {MAX_NODES} values are the limit"
        raise ConfigFindingsError(finding_at(place, (), problem))


def _place_of(node: yaml.Event | yaml.Node, file: str) -> Place:
    mark = node.start_mark
    return Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)


class _Copy:
    """Copies composed nodes into ours; an alias is copied again, so its cost counts and a loop meets the limit."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._count = 0

    def node(self, node: yaml.Node, depth: int) -> Node:
        self._count += 1
        place = _place_of(node, self._file)
        _check_limits(depth, self._count, place)
        tag = str(node.tag).removeprefix(_STANDARD)
        if isinstance(node, yaml.MappingNode):
            pairs = tuple((self.node(key, depth + 1), self.node(value, depth + 1)) for key, value in node.value)
            return Mapping(tag, pairs, place)
        if isinstance(node, yaml.SequenceNode):
            return Listing(tag, tuple(self.node(item, depth + 1) for item in node.value), place)
        text = str(node.value)
        if _SURROGATE.search(text):
            raise ConfigFindingsError(finding_at(place, (), "there is half a character here", "write it as itself"))
        return Scalar(tag, text, place)
