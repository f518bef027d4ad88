"""Draw curves as an SVG: what costs how many times as much as at the smallest size."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, log10

from .figures import Curve

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 420, 60, 300, 46, 52
COLOURS = "#1b6ca8 #c8553d #3a7d44 #8e5ea2 #b8860b #2a9d8f #6b705c #d62276".split()
TITLE = "Cost beside the smallest size"
_ACROSS, _DOWN = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
_LEAST_TOP = 1.5
_STEPS = (0.25, 0.5, 1, 2, 5)


def draw(curves: Sequence[Curve]) -> str:
    """Return the SVG of curves; the horizontal axis counts tenfold steps, the vertical one times.

    A curve that stays at 1 costs the same at every size.
    """
    lines = [_beside_first(curve) for curve in curves]
    sizes = [size for points in lines for size, _ in points] or [1.0]
    top = max([_LEAST_TOP, *(times for points in lines for _, times in points)]) * 1.05
    decades = max(1.0, log10(max(sizes)))

    def x(size: float) -> float:
        return LEFT + _ACROSS * max(0.0, log10(size)) / decades

    def y(times: float) -> float:
        return TOP + _DOWN * (1 - times / top)

    parts = [_text(LEFT, TOP - 18, TITLE, size=15)]
    step = next((step for step in _STEPS if top / step <= 8), 10 ** ceil(log10(top / 8)))
    for number in range(int(top / step) + 1):
        height = y(number * step)
        bold = number * step == 1
        parts.append(_line(LEFT, height, LEFT + _ACROSS, height, "#888" if bold else "#ddd"))
        parts.append(_text(LEFT - 8, height + 4, f"{number * step:g}", anchor="end"))
    for power in range(int(decades) + 1):
        parts.append(_line(x(10**power), TOP, x(10**power), TOP + _DOWN, "#eee"))
        parts.append(_text(x(10**power), TOP + _DOWN + 18, f"{10**power:,}", anchor="middle"))
    parts.append(_text(LEFT + _ACROSS / 2, HEIGHT - 10, "how many, or kB", anchor="middle"))
    for number, curve in enumerate(curves):
        colour = COLOURS[number % len(COLOURS)]
        places = [(x(size), y(times)) for size, times in lines[number]]
        path = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{path}"/>')
        parts += [
            f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3" fill="{colour}"/>'
            for across, down in places
        ]
        height = TOP + 14 + 36 * number
        parts.append(_line(WIDTH - RIGHT + 20, height - 4, WIDTH - RIGHT + 44, height - 4, colour))
        parts.append(_text(WIDTH - RIGHT + 52, height, curve.name))
        parts.append(_text(WIDTH - RIGHT + 52, height + 15, f"by {curve.grows}", colour="#666"))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="12" role="img">\n<title>{TITLE}</title>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n{body}\n</svg>\n'
    )


def _beside_first(curve: Curve) -> list[tuple[float, float]]:
    """Return the points with costs beside the first one; none for a curve without a cost."""
    first = curve.points[0][1] if curve.points else 0
    return [(size, cost / first) for size, cost in curve.points] if first else []


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 12, colour: str = "#222"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="{colour}">{escape(text)}</text>'
    )
