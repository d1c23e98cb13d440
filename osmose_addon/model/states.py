"""Every state Osmose tells, declared once: what *is*, newest value wins.

A state is `<kind>.<id>/<field>` (`camera.porch/phase`), or `osmose/<field>` for Osmose itself, whose id is empty.
MQTT, the API and the panel all read this list; the text `state.<kind>.<field>` names it for people.
"""

from dataclasses import dataclass
from typing import NamedTuple

StateValue = str | int | float | bool | None


class StateKey(NamedTuple):
    """Which state: the kind of thing, its id, the field."""

    kind: str
    id: str
    field: str

    def __str__(self) -> str:
        """Return the written form, e.g. `camera.porch/phase` or `osmose/jobs_running`."""
        return f"{self.kind}.{self.id}/{self.field}" if self.id else f"{self.kind}/{self.field}"


@dataclass(frozen=True, slots=True)
class StateField:
    """One declared field. `platform` is the Home Assistant entity it becomes, empty for none; times are ISO 8601."""

    kind: str
    field: str
    platform: str = ""
    unit: str = ""
    device_class: str = ""
    state_class: str = ""
    category: str = ""
    options: tuple[str, ...] = ()
    icon: str = ""

    @property
    def text_key(self) -> str:
        """The key of its name in the translations."""
        return f"state.{self.kind}.{self.field}"


CAMERA_PHASES = ("starting", "live", "lost", "frozen", "refused", "unusable")
LIBRARY_PHASES = ("scanning", "ready", "away")

STATE_FIELDS: tuple[StateField, ...] = (
    StateField("osmose", "health", "sensor", device_class="enum", options=("good", "impaired"), category="diagnostic"),
    StateField("osmose", "needs_you", "sensor", state_class="measurement", icon="mdi:alert-circle-outline"),
    StateField("osmose", "jobs_running", "sensor", state_class="measurement", icon="mdi:progress-clock"),
    StateField("osmose", "jobs_paused", "binary_sensor", icon="mdi:pause-circle-outline"),
    StateField("osmose", "jobs_reason"),
    StateField("osmose", "version", "sensor", category="diagnostic", icon="mdi:information-outline"),
    StateField("osmose", "config_findings", "sensor", state_class="measurement", category="diagnostic"),
    StateField("osmose", "sample"),
    StateField("osmose", "is_lasting"),
    StateField("osmose", "mqtt"),
    StateField("finding", "text"),
    StateField("library", "name"),
    StateField("library", "kind"),
    StateField("library", "phase", "sensor", device_class="enum", options=LIBRARY_PHASES, category="diagnostic"),
    StateField("library", "titles", "sensor", state_class="measurement", icon="mdi:filmstrip"),
    StateField("library", "failed", "sensor", state_class="measurement", icon="mdi:alert-circle-outline"),
    StateField("library", "last_scan", "sensor", device_class="timestamp", category="diagnostic"),
    StateField("camera", "name"),
    StateField("camera", "phase", "sensor", device_class="enum", options=CAMERA_PHASES),
    StateField("camera", "live", "binary_sensor", device_class="connectivity"),
    StateField("camera", "reason"),
    StateField("camera", "since"),
    StateField("camera", "next_try"),
    StateField("camera", "last_picture", "sensor", device_class="timestamp", category="diagnostic"),
    StateField("camera", "bit_rate", "sensor", "kbit/s", "data_rate", "measurement", "diagnostic"),
    StateField("camera", "frame_rate", "sensor", "fps", "", "measurement", "diagnostic", icon="mdi:speedometer"),
    StateField("camera", "key_frame_gap"),
    StateField("camera", "resolution", "sensor", category="diagnostic", icon="mdi:quality-high"),
    StateField("camera", "codec"),
    StateField("camera", "method"),
    StateField("camera", "method_reason"),
    StateField("camera", "sound"),
    StateField("camera", "viewers", "sensor", state_class="measurement", icon="mdi:eye-outline"),
    StateField("title", "name"),
    StateField("title", "phase"),
    StateField("title", "filled"),
    StateField("job", "title"),
    StateField("job", "rung"),
    StateField("job", "cause"),
    StateField("job", "phase"),
    StateField("job", "progress", unit="%"),
    StateField("job", "speed"),
    StateField("job", "left"),
    StateField("job", "reason"),
    StateField("service", "phase"),
    StateField("service", "reason"),
    StateField("service", "next_try"),
)

FIELDS: dict[tuple[str, str], StateField] = {(state.kind, state.field): state for state in STATE_FIELDS}
