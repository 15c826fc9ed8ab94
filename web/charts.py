"""Pictures of numbers, drawn by the server: columns beside each other, as SVG."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

_WIDTH, _HEIGHT = 640, 200
_LEFT, _BOTTOM, _TOP = 44, 24, 10
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000)
_LINES = 4


class Bar(Struct, frozen=True):
    """A rectangle, and which of the series it is of."""

    x: float
    y: float
    width: float
    height: float
    series: int


class Line(Struct, frozen=True):
    """A line across, and what it stands for."""

    y: float
    value: float


class Chart(Struct, frozen=True, kw_only=True):
    """Columns of one or several values: `columns` are labels with a value for each of the `series`.

    A value of None has no bar. `most` is the top of the scale, where it is known.
    """

    title: str
    series: Sequence[str]
    columns: Sequence[tuple[str, Sequence[float | None]]]
    most: float | None = None

    width = _WIDTH
    height = _HEIGHT
    floor = _HEIGHT - _BOTTOM
    left = _LEFT

    @property
    def scale(self) -> float:
        """The value at the top."""
        if self.most is not None:
            return self.most
        highest = max((value or 0 for _, values in self.columns for value in values), default=0)
        return self._step(highest) * _LINES

    @property
    def lines(self) -> Sequence[Line]:
        """From the floor to the top."""
        step = self.scale / _LINES
        return [Line(self._y(step * n), step * n) for n in range(_LINES + 1)]

    @property
    def bars(self) -> Iterator[Bar]:
        """Those of a column stand beside each other."""
        slot = self._slot
        thick = slot * 0.8 / max(1, len(self.series))
        for n, (_, values) in enumerate(self.columns):
            for of, value in enumerate(values):
                if value:
                    top = self._y(min(value, self.scale))
                    x = _LEFT + n * slot + slot * 0.1 + of * thick
                    yield Bar(round(x, 1), top, round(thick, 1), round(self.floor - top, 1), of)

    @property
    def labels(self) -> Sequence[tuple[float, str]]:
        """Where each column's stands; as many as there is room for."""
        every = max(1, len(self.columns) // 12)
        return [
            (round(_LEFT + (n + 0.5) * self._slot, 1), label)
            for n, (label, _) in enumerate(self.columns)
            if n % every == 0
        ]

    @property
    def _slot(self) -> float:
        return (_WIDTH - _LEFT) / max(1, len(self.columns))

    def _y(self, value: float) -> float:
        return round(self.floor - value / self.scale * (self.floor - _TOP), 1)

    @staticmethod
    def _step(highest: float) -> float:
        return next((step for step in _STEPS if step * _LINES >= highest), highest / _LINES)
