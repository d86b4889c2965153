"""Charts as SVG: lines and bars with title, description and axes that say what they count."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 68, 56
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1d2b34 }
  .title { font-size: 15px; font-weight: 600 }
  .axis { stroke: #8a979f; fill: none } .grid { stroke: #dfe5e8 }
  .a { stroke: #0b6e75; fill: #0b6e75 } .b { stroke: #b4540a; fill: #b4540a }
  .c { stroke: #5b4b9a; fill: #5b4b9a } .d { stroke: #6b7780; fill: #6b7780 }
  polyline { fill: none !important; stroke-width: 2.5 } .bar { stroke: none }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0f1c25 } text { fill: #e6edf0 } .grid { stroke: #2a3a45 }
    .a { stroke: #57c4cb; fill: #57c4cb } .b { stroke: #f0a35e; fill: #f0a35e }
    .c { stroke: #b3a5ec; fill: #b3a5ec } .d { stroke: #a9b6be; fill: #a9b6be }
  }
"""
MARKS = "abcd"

Points = Sequence[tuple[float, float]]


def lines(
    title: str,
    description: str,
    *,
    x: str,
    y: str,
    series: Mapping[str, Points],
    x_is_log: bool = False,
) -> str:
    """One line for each of the series, its points marked; `x` and `y` say what the axes count."""
    every = [point for points in series.values() for point in points]
    to_x = math.log10 if x_is_log else float
    low, high = min(to_x(one) for one, _ in every), max(to_x(one) for one, _ in every)
    top = _round_up(max(value for _, value in every))
    span = (high - low) or 1

    def place(point: tuple[float, float]) -> tuple[float, float]:
        across = (to_x(point[0]) - low) / span
        return (
            LEFT + across * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - point[1] / top * (HEIGHT - TOP - BOTTOM),
        )

    body = [_grid(top)]
    for value in sorted({one for one, _ in every}):
        at, _ = place((value, 0))
        body.append(
            f'<text x="{at:.0f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{_short(value)}</text>'
        )
    for mark, points in zip(MARKS, series.values(), strict=False):
        places = [place(point) for point in points]
        drawn = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
        body.append(f'<polyline class="{mark}" points="{drawn}"/>')
        body += [f'<circle class="{mark}" cx="{one:.1f}" cy="{two:.1f}" r="3.5"/>' for one, two in places]
    return _drawn(title, description, [*body, _key(series), _axis_names(x, y)], HEIGHT)


def bars(title: str, description: str, *, unit: str, rows: Mapping[str, Mapping[str, float]]) -> str:
    """A group of bars for each row, one bar for each of its series."""
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    most = _round_up(max(value for row in rows.values() for value in row.values()))
    thick, left = 13, 150
    down = TOP - 22
    height = down + len(rows) * (thick * len(names) + 10) + 24
    body = []
    for label, row in rows.items():
        middle = down + thick * len(names) / 2 + 4
        body.append(f'<text x="{left - 8}" y="{middle:.0f}" text-anchor="end">{escape(label)}</text>')
        for mark, name in zip(MARKS, names, strict=False):
            value = row.get(name, 0)
            long = value / most * (WIDTH - left - 90)
            body.append(
                f'<rect class="bar {mark}" x="{left}" y="{down}" width="{long:.1f}" height="{thick - 2}"/>'
            )
            body.append(f'<text x="{left + long + 6:.0f}" y="{down + 10}">{value:g} {escape(unit)}</text>')
            down += thick
        down += 10
    return _drawn(title, description, [*body, _key(dict.fromkeys(names))], height)


def _drawn(title: str, description: str, body: list[str], height: int) -> str:
    box = f'viewBox="0 0 {WIDTH} {height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img" aria-labelledby="title about">',
            f'<title id="title">{escape(title)}</title><desc id="about">{escape(description)}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="ground" width="{WIDTH}" height="{height}" fill="#fdfdfb"/>',
            f'<text class="title" x="14" y="24">{escape(title)}</text>',
            *body,
            "</svg>\n",
        ]
    )


def _grid(top: float) -> str:
    drawn = []
    for part in range(5):
        value = top * part / 4
        down = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part / 4
        drawn.append(f'<path class="grid" d="M{LEFT} {down:.1f}H{WIDTH - RIGHT}"/>')
        drawn.append(f'<text x="{LEFT - 8}" y="{down + 4:.0f}" text-anchor="end">{_short(value)}</text>')
    return "\n".join(drawn)


def _key(names: Mapping[str, object]) -> str:
    """The names of the series, from the right of the title."""
    drawn, at = [], WIDTH - RIGHT
    for mark, name in reversed(list(zip(MARKS, names, strict=False))):
        at -= 7 * len(name) + 26
        drawn.append(f'<rect class="bar {mark}" x="{at}" y="14" width="12" height="12"/>')
        drawn.append(f'<text x="{at + 17}" y="24">{escape(name)}</text>')
    return "\n".join(drawn)


def _axis_names(x: str, y: str) -> str:
    middle = (LEFT + WIDTH - RIGHT) / 2
    return (
        f'<text x="{middle:.0f}" y="{HEIGHT - 12}" text-anchor="middle">{escape(x)}</text>'
        f'<text x="14" y="46">{escape(y)}</text>'
    )


def _round_up(value: float) -> float:
    """The next 1, 2, 2.5 or 5 times a power of ten."""
    if value <= 0:
        return 1
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value)


def _short(value: float) -> str:
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
