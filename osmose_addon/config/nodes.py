"""What a YAML file says before anything is known about keys: scalars, listings and mappings, each with its place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written: the file as the person named it, line and column from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """One written value. `tag` is YAML's short type (`str`, `int`, `null` …) or a tag of ours such as `!secret`."""

    tag: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Listing:
    """Values in order: `- a` or `[a]`."""

    tag: str
    items: tuple["Node", ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with values, in the order of the file; a key may still be there twice."""

    tag: str
    entries: tuple[tuple["Node", "Node"], ...]
    place: Place


Node = Scalar | Listing | Mapping
