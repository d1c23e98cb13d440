"""Times that never go back and never jump, whatever a camera's clock does.

A camera that sets its clock, wraps its counter or reboots its sound chip sends stamps that jump by hours. Players stop
at such a place; restarting the camera for it costs seconds of picture. So a jump is bridged by the time that really
passed, and nobody notices.
"""

from fractions import Fraction

_JUMP_S = 2.0
_BACK_S = 0.5


class Timeline:
    """One track's times: takes stamps in `base` seconds a tick, gives ticks of `timescale_hz`."""

    def __init__(self, base: Fraction, timescale_hz: int) -> None:
        """Begin without a past."""
        self._factor = base * timescale_hz
        # Most cameras count in our ticks, or in whole parts of them: fractions cost ten times as much.
        self._whole_factor = self._factor.numerator if self._factor.denominator == 1 else 0
        self._hz = timescale_hz
        self._shift_ticks = 0
        self._raw_ticks: int | None = None
        self._arrival_s = 0.0
        self._step_ticks = 0
        self.last_ticks = -1
        self.rebased = 0

    def begin_at(self, pts: int | None, dts: int | None, ticks: int) -> None:
        """Let the unit with these stamps be at `ticks`; call it before the first `mend`."""
        raw = self._raw(dts if dts is not None else pts)
        self._shift_ticks = ticks - (raw or 0)

    def mend(self, pts: int | None, dts: int | None, arrival_s: float) -> tuple[int, int]:
        """Return presentation and decode time; decode times grow by at least one tick each."""
        shown = self._raw(pts)
        raw = shown if dts is None or dts == pts else self._raw(dts)
        if raw is None:
            ticks = self.last_ticks + max(self._step_ticks, 1)
        else:
            self._bridge(raw, arrival_s)
            ticks = max(raw + self._shift_ticks, self.last_ticks + 1)
            self._raw_ticks = raw
        self._arrival_s = arrival_s
        if self.last_ticks >= 0:
            self._step_ticks = ticks - self.last_ticks
        self.last_ticks = ticks
        return (ticks if shown is None else max(shown + self._shift_ticks, ticks)), ticks

    def _bridge(self, raw: int, arrival_s: float) -> None:
        """Shift what follows when the stamp moved in a way that the time since the last one cannot explain."""
        if self._raw_ticks is None or self.last_ticks < 0:
            return
        passed_s = arrival_s - self._arrival_s
        moved_s = (raw - self._raw_ticks) / self._hz
        if -_BACK_S < moved_s <= passed_s + _JUMP_S:
            return
        # Sound and picture are bridged each by its own arrival, so they stay together to within the network's jitter.
        ahead_ticks = max(self._step_ticks, round(passed_s * self._hz), 1)
        self._shift_ticks = self.last_ticks + ahead_ticks - raw
        self.rebased += 1

    def _raw(self, stamp: int | None) -> int | None:
        if stamp is None or self._whole_factor:
            return stamp and stamp * self._whole_factor
        return round(stamp * self._factor)


class WallClock:
    """When a picture was taken, by the wall clock: cameras send their newest second at once when one connects.

    The shortest way a picture ever took is the truest; a camera whose clock runs away is followed.
    """

    _AWAY_S = 1.0

    def __init__(self) -> None:
        """Begin without a past."""
        self._offset_s: float | None = None

    def see(self, shown_s: float, at_unix_s: float) -> None:
        """Note that the picture of the timeline's second `shown_s` arrived at `at_unix_s`."""
        offset_s = at_unix_s - shown_s
        if self._offset_s is None or offset_s < self._offset_s or offset_s > self._offset_s + self._AWAY_S:
            self._offset_s = offset_s

    def unix_s(self, shown_s: float) -> float:
        """Return when the picture of the timeline's second `shown_s` was taken."""
        return shown_s + (self._offset_s or 0.0)
