"""From nodes to plain values with `!secret`, `!include`, `!data` and merge keys resolved, each with its place.

YAML 1.1 reads `yes` as true, `0123` as 83 and `12:30:45` as 45045. What is no plain decimal number becomes a
`Surprise`, which no key accepts, so that nobody gets a value that he did not write.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from osmose_addon.config.findings import ConfigFindingsError, KeyPath, finding_at, shown, shown_name
from osmose_addon.config.load import MAX_DEPTH, MAX_NODES, load_nodes
from osmose_addon.config.nodes import Listing, Mapping, Node, Place, Scalar
from osmose_addon.config.scalars import plain_value
from osmose_addon.config.secrets import SecretFile
from osmose_addon.model.config import Finding, Secret

TAGS = ("!secret", "!include", "!data")
MAX_FILES = 200
SECRETS_NAME = "secrets.yaml"


@dataclass(frozen=True, slots=True)
class DataPath:
    """A path below the data folder, written `!data films`."""

    text: str


@dataclass(slots=True)
class Tree:
    """Everything that the files say: values, places by key path, and what went wrong on the way."""

    file: str
    value: object = None
    places: dict[KeyPath, Place] = field(default_factory=dict)
    keys: dict[KeyPath, Place] = field(default_factory=dict)
    written: dict[KeyPath, Scalar] = field(default_factory=dict)
    broken: set[KeyPath] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    def place(self, path: KeyPath, *, of_key: bool = False) -> Place:
        """Return where the value (or the key) at this path is written; of a missing one, where its parent begins."""
        if of_key and path in self.keys:
            return self.keys[path]
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(self.file, 1, 1))

    def is_broken(self, path: KeyPath) -> bool:
        """Whether a finding was already made for this value or for something that holds it."""
        return any(path[:length] in self.broken for length in range(len(path) + 1))


def read_tree(path: Path) -> Tree:
    """Return the tree of the file and of everything it includes. Never raises: mistakes are in `findings`."""
    tree = Tree(str(path))
    reader = _Reader(path, tree)
    tree.value = reader.file(path, str(path), (), 1)
    return tree


class _Reader:
    """Walks the nodes of the file and of its includes, and fills the tree."""

    def __init__(self, path: Path, tree: Tree) -> None:
        self._tree = tree
        self._folder = path.parent
        self._secrets = SecretFile(path.parent / SECRETS_NAME)
        self._open: list[str] = []
        self._count = 0

    def file(self, path: Path, shown_as: str, at: KeyPath, depth: int) -> object:
        """Return the value of a whole file."""
        self._tree.files.append(path)
        try:
            node = load_nodes(path, shown_as)
        except ConfigFindingsError as error:
            self._tree.findings.extend(error.findings)
            self._tree.broken.add(at)
            return None
        self._open.append(os.path.realpath(path))
        value = self._value(node, at, depth)
        self._open.pop()
        return value

    def _wrong(self, place: Place, path: KeyPath, problem: str, hint: str = "") -> None:
        self._tree.findings.append(finding_at(place, path, problem, hint))
        self._tree.broken.add(path)

    def _stop(self, place: Place, path: KeyPath) -> None:
        """Tell once that there is too much, and let nothing else be said about what was not read."""
        if () not in self._tree.broken:
            self._wrong(place, path, "the included files are too many, nested too deeply, or hold too much")
            self._tree.broken.add(())

    def _value(self, node: Node, path: KeyPath, depth: int) -> object:
        self._count += 1
        self._tree.places[path] = node.place
        if depth > MAX_DEPTH or self._count > MAX_NODES:
            self._stop(node.place, path)
            return None
        if isinstance(node, Scalar):
            return self._scalar(node, path, depth)
        if node.tag not in ("map", "seq"):
            self._unknown_tag(node, path)
            return None
        if isinstance(node, Listing):
            return [self._value(item, (*path, index), depth + 1) for index, item in enumerate(node.items)]
        return self._mapping(node, path, depth)

    def _mapping(self, node: Mapping, path: KeyPath, depth: int) -> dict[str, object]:
        values: dict[str, object] = {}
        for key, value in self._entries(node, path):
            here = (*path, key.text)
            self._tree.keys[here] = key.place
            values[key.text] = self._value(value, here, depth + 1)
        return values

    def _entries(self, node: Mapping, path: KeyPath) -> list[tuple[Scalar, Node]]:
        """Return the entries with each key once; what `<<` brings counts only where the mapping itself is silent."""
        own: dict[str, tuple[Scalar, Node]] = {}
        merged: list[tuple[Scalar, Node]] = []
        for key, value in node.entries:
            if not isinstance(key, Scalar):
                self._wrong(key.place, path, "a key must be one word", "write 'key: value'")
            elif key.tag == "merge":
                merged.extend(self._merged(value, path))
            elif key.text in own:
                first = own[key.text][0].place.line
                problem = f"the key {shown_name(key.text)} is written twice, first in line {first}"
                self._wrong(key.place, (*path, key.text), problem, "remove one of them")
            else:
                own[key.text] = (key, value)
        for key, value in merged:
            own.setdefault(key.text, (key, value))
        return list(own.values())

    def _merged(self, node: Node, path: KeyPath) -> list[tuple[Scalar, Node]]:
        if isinstance(node, Mapping):
            return self._entries(node, path)
        if isinstance(node, Listing) and all(isinstance(item, Mapping) for item in node.items):
            return [entry for item in node.items for entry in self._merged(item, path)]
        self._wrong(node.place, path, "<< takes only a mapping that has an anchor", "write '<<: *anchor'")
        return []

    def _scalar(self, node: Scalar, path: KeyPath, depth: int) -> object:
        if node.tag == "!secret":
            return self._secret(node, path)
        if node.tag == "!include":
            return self._include(node, path, depth)
        if node.tag == "!data":
            return self._data(node, path)
        if node.tag.startswith("!") or node.tag.startswith("tag:"):
            self._unknown_tag(node, path)
            return None
        self._tree.written[path] = node
        return plain_value(node)

    def _unknown_tag(self, node: Node, path: KeyPath) -> None:
        hint = f"tags are {', '.join(TAGS)}, each with one word; put a value that begins with ! in 'single quotes'"
        self._wrong(node.place, path, "this tag is not known here", hint)

    def _data(self, node: Scalar, path: KeyPath) -> DataPath | None:
        parts = Path(node.text).parts
        if not parts or Path(node.text).is_absolute() or ".." in parts or not node.text.isprintable():
            self._wrong(node.place, path, "!data takes a folder below the data folder", "write e.g. !data films")
            return None
        return DataPath(node.text)

    def _secret(self, node: Scalar, path: KeyPath) -> Secret | None:
        if self._secrets.path not in self._tree.files:
            self._tree.files.append(self._secrets.path)
            self._tree.findings.extend(self._secrets.read())
        plain = self._secrets.values.get(node.text)
        if plain is not None:
            self._tree.secrets.append(plain)
            return Secret(plain)
        self._tree.broken.add(path)
        if not self._secrets.is_faulty:
            self._wrong(node.place, path, *self._secrets.words_for_missing(node.text))
        return None

    def _include(self, node: Scalar, path: KeyPath, depth: int) -> object:
        target = Path(os.path.normpath(self._folder / node.text.replace("\0", "")))
        if len(self._tree.files) > MAX_FILES:
            self._stop(node.place, path)
            return None
        words = self._words_against(target, shown(node.text, "this file"))
        if words is None:
            return self.file(target, str(target), path, depth)
        self._wrong(node.place, path, *words)
        return None

    def _words_against(self, target: Path, name: str) -> tuple[str, str] | None:
        """Return problem and hint if this file must not be included: links count by where they lead."""
        real = Path(os.path.realpath(target))
        if not real.is_relative_to(os.path.realpath(self._folder)) or target.suffix not in (".yaml", ".yml"):
            return f"{name} cannot be included", "write the name of a .yaml file beside this one, or in a folder below"
        if real.name == SECRETS_NAME:
            return "secrets are never included", "write !secret and the name of one"
        if str(real) in self._open:
            return f"{name} includes itself", "remove one of the !include lines"
        if not os.path.exists(real):  # noqa: PTH110 - also False for a name that is too long
            self._tree.files.append(target)
            return f"{name} does not exist", "check the spelling"
        return None
