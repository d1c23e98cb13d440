"""How Osmose itself is, as the health page tells it."""

from dataclasses import dataclass

from markupsafe import Markup

from osmose_addon.interfaces.http.panel.needs import service_name
from osmose_addon.interfaces.http.panel.phrases import Phrases
from osmose_addon.stores.states import States

_LIVELY = frozenset({"running", "done"})


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what it is, how it is, and whether that is fine. `is_off` is for what is fine, yet not set up."""

    name: Markup
    told: Markup
    is_fine: bool
    is_off: bool = False


@dataclass(frozen=True, slots=True)
class HealthView:
    """`findings` are the mistakes in the YAML, each `file:line:column: …`."""

    checks: tuple[Check, ...]
    findings: tuple[str, ...]
    version: str


def health_of(states: States, phrases: Phrases) -> HealthView:
    """Return how Osmose is."""
    return HealthView(
        checks=(_mqtt(states, phrases), *_services(states, phrases)),
        findings=tuple(str(states.get("finding", finding, "text")) for finding in states.ids("finding")),
        version=str(states.get("osmose", "", "version") or ""),
    )


def _mqtt(states: States, phrases: Phrases) -> Check:
    told = str(states.get("osmose", "", "mqtt") or "off")
    words = phrases.first(f"panel.mqtt.{told}", "panel.mqtt.off")
    is_fine = told in {"connected", "online", "on", "True", "off"}
    return Check(phrases.say("panel.health.mqtt"), words, is_fine=is_fine, is_off=told == "off")


def _services(states: States, phrases: Phrases) -> tuple[Check, ...]:
    services = [service for service in states.ids("service") if not service.startswith(("camera.", "mqtt"))]
    return tuple(_service(states, phrases, service) for service in services)


def _service(states: States, phrases: Phrases, service: str) -> Check:
    phase = str(states.get("service", service, "phase") or "running")
    return Check(
        Markup("{}").format(service_name(states, phrases, service)),
        phrases.first(f"panel.phase.{phase}"),
        is_fine=phase in _LIVELY,
    )
