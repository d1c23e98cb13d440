"""H.264 levels: what a decoder must be able to hold. Source: ITU-T H.264, table A-1."""

_LEVELS = (
    (20, 11_880, 396, 2_000),
    (21, 19_800, 792, 4_000),
    (30, 40_500, 1_620, 10_000),
    (31, 108_000, 3_600, 14_000),
    (32, 216_000, 5_120, 20_000),
    (40, 245_760, 8_192, 20_000),
    (41, 245_760, 8_192, 50_000),
    (42, 522_240, 8_704, 50_000),
    (50, 589_824, 22_080, 135_000),
    (51, 983_040, 36_864, 240_000),
)
_HIGHEST = 52
_HIGH_PROFILE_GAIN = 1.25


def level_for(width_px: int, height_px: int, frame_rate: float, peak_bps: int) -> int:
    """Return the lowest level, times ten, that a High profile stream of this size, pace and peak fits into."""
    blocks = -(-width_px // 16) * -(-height_px // 16)
    for level, blocks_a_second, blocks_a_picture, kbit_a_second in _LEVELS:
        holds = blocks <= blocks_a_picture and blocks * frame_rate <= blocks_a_second
        if holds and peak_bps <= kbit_a_second * 1000 * _HIGH_PROFILE_GAIN:
            return level
    return _HIGHEST
