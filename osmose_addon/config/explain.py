"""From mistakes to findings: what is wrong, where, and what the person probably meant. No secret passes here."""

from collections.abc import Iterable

from osmose_addon.config.findings import KeyPath, finding_at, shown
from osmose_addon.config.scalars import meaning
from osmose_addon.config.schema import Mistake
from osmose_addon.config.tree import Tree
from osmose_addon.config.values import Words
from osmose_addon.model.config import Finding

_SHORTEST_SECRET = 4


def explained(tree: Tree, mistakes: Iterable[Mistake]) -> tuple[Finding, ...]:
    """Return the tree's findings and those for the mistakes, by line, the file itself before what it includes."""
    fresh = [_finding(tree, mistake) for mistake in mistakes if not tree.is_broken(mistake.path)]
    clean = dict.fromkeys(_without_secrets(finding, tree.secrets) for finding in (*tree.findings, *fresh))
    return tuple(
        sorted(clean, key=lambda found: (found.file != tree.file, found.file, found.line, found.column, found.path))
    )


def _finding(tree: Tree, mistake: Mistake) -> Finding:
    place = tree.place(mistake.path, of_key=mistake.words.is_about_key)
    problem, hint = _told(tree, mistake.path, mistake.words)
    return finding_at(place, mistake.path, problem, hint)


def _told(tree: Tree, path: KeyPath, words: Words) -> tuple[str, str]:
    """Return problem and hint, with what YAML made of the word where that is the surprise."""
    node = tree.written.get(path)
    if node is None:
        return words.problem, words.hint
    if node.tag == "null":
        return "nothing is written here", words.hint or "write a value after the colon, or remove the key"
    read = meaning(node)
    is_no_surprise = read == f"the number {node.text}" and not words.wants_text
    if not words.is_quotable or not read or is_no_surprise:
        return words.problem, words.hint
    problem = f"{words.problem}, but YAML reads {shown(node.text)} as {read}"
    return problem, f'put it in quotes: "{node.text}"' if words.wants_text else words.hint


def _without_secrets(finding: Finding, secrets: list[str]) -> Finding:
    """Blot out every known secret, should one have slipped into a finding, e.g. as the name of a key."""
    problem, hint, path = finding.problem, finding.hint, finding.path
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            problem, hint, path = (text.replace(secret, "***") for text in (problem, hint, path))
    return Finding(finding.file, finding.line, finding.column, path, problem, hint)
