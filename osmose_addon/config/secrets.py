"""The file `secrets.yaml` beside the configuration: names with texts, read only when the first `!secret` asks."""

import os
from difflib import get_close_matches
from pathlib import Path

from osmose_addon.config.findings import ConfigFindingsError, finding_at, shown_name
from osmose_addon.config.load import load_nodes
from osmose_addon.config.nodes import Mapping, Node, Scalar
from osmose_addon.model.config import Finding


class SecretFile:
    """The names and texts of `secrets.yaml`. Each text counts as it is written, so that a PIN `0123` stays `0123`."""

    def __init__(self, path: Path) -> None:
        """Remember the path; nothing is read yet."""
        self.path = path
        self.values: dict[str, str] = {}
        self.is_faulty = False
        self._names: list[str] = []
        self._exists = True

    def read(self) -> tuple[Finding, ...]:
        """Read the file and return its mistakes; a missing file is none, for each use of it tells so at its place."""
        self._exists = os.path.exists(self.path)  # noqa: PTH110 - never raises
        if not self._exists:
            return ()
        try:
            root = load_nodes(self.path)
        except ConfigFindingsError as error:
            self.is_faulty = True
            return error.findings
        if not isinstance(root, Mapping):
            self.is_faulty = True
            return (finding_at(root.place, (), "secrets.yaml must hold names with texts", "write 'name: text'"),)
        return tuple(finding for key, value in root.entries for finding in self._keep(key, value))

    def words_for_missing(self, name: str) -> tuple[str, str]:
        """Return problem and hint for a name that is not in the file; no value is ever named."""
        problem = f"the secret {shown_name(name)} is not known"
        if not self._exists:
            return problem, f"there is no {self.path.name} beside this file: write it with a line '{_example(name)}'"
        near = get_close_matches(name, self._names, n=1)
        return (
            problem,
            f"did you mean {shown_name(near[0])}?" if near else f"add '{_example(name)}' to {self.path.name}",
        )

    def _keep(self, key: Node, value: Node) -> tuple[Finding, ...]:
        if not isinstance(key, Scalar):
            return (finding_at(key.place, (), "the name of a secret must be one word"),)
        path = (key.text,)
        if key.text in self.values:
            return (finding_at(key.place, path, f"the secret {shown_name(key.text)} is written twice"),)
        self._names.append(key.text)
        if (
            not isinstance(value, Scalar)
            or value.tag.startswith(("!", "tag:"))
            or value.tag == "null"
            or not value.text
        ):
            hint = "write 'name: text' and put a text with special characters in 'single quotes'"
            self.is_faulty = True
            return (finding_at(value.place, path, "a secret must be one text", hint),)
        self.values[key.text] = value.text
        return ()


def _example(name: str) -> str:
    return f"{shown_name(name).strip(chr(39))}: …"
