"""Reading numbers out of a bit stream, from the left."""


class Bits:
    """Reads bits of `body`; past its end there are zeros, so that a cut header never raises."""

    def __init__(self, body: bytes) -> None:
        """Start before the first bit."""
        self._number = int.from_bytes(body, "big")
        self._left = len(body) * 8

    def take(self, count: int) -> int:
        """Return the next `count` bits as a number."""
        self._left -= count
        shifted = self._number >> self._left if self._left >= 0 else self._number << -self._left
        return shifted & (1 << count) - 1

    def flag(self) -> bool:
        """Return the next bit."""
        return self.take(1) == 1

    def golomb(self) -> int:
        """Return the next unsigned Exp-Golomb number (`ue(v)`), 0 past the end."""
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > 32 or self._left <= 0:  # noqa: PLR2004 - the standard allows 32 at most
                return 0
        return (1 << zeros) - 1 + self.take(zeros)

    def signed_golomb(self) -> int:
        """Return the next signed Exp-Golomb number (`se(v)`)."""
        number = self.golomb()
        return (number + 1) // 2 if number % 2 else -(number // 2)
