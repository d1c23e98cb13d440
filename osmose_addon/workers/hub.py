"""What a film worker needs of its pipe to the hub."""

from typing import Protocol

from osmose_addon.model.reports import Report


class Hub(Protocol):
    """Whoever takes reports: `runtime.child.HubLink`, or a list in a test."""

    def send(self, report: Report) -> None:
        """Take a report, from any thread."""
