"""Pictures for the Quality page as plain SVG: no script, colours from tokens.css, and a sentence for screen readers."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from assistant.records.overview import Day

_KINDS = ("answered", "partial", "not_found")
_WORDS = {"answered": "answered", "partial": "answered in part", "not_found": "not found"}


def days_chart(days: Sequence[Day]) -> Markup:
    """One column a day, stacked by how the questions ended; stretched to the width there is, so words stand outside."""
    totals = [day.answered + day.partial + day.not_found for day in days]
    top = max(4, *totals)
    step, height = 10.0, 100.0
    parts = [f'<path class="grid" d="M0 {y}H{step * len(days):.0f}"/>' for y in (0.5, height / 2, height)]
    for number, day in enumerate(days):
        at, drawn, said = height, [], []
        for kind in _KINDS:
            count = getattr(day, kind)
            if not count:
                continue
            tall = count / top * height
            at -= tall
            x = number * step + 1
            drawn.append(f'<rect class="{kind}" x="{x:.0f}" y="{at:.2f}" width="{step - 2:.0f}" height="{tall:.2f}"/>')
            said.append(f"{count} {_WORDS[kind]}")
        if drawn:
            parts.append(f"<g><title>{day.day:%d %b}: {', '.join(said)}</title>{''.join(drawn)}</g>")
    said_of_all = f"Questions by day over {len(days)} days, {sum(totals)} in all, at most {max(totals)} on one day"
    picture = _picture(step * len(days), height, said_of_all, parts, stretched=True)
    ends = (
        f"<span>{days[0].day:%d %b}</span><span>at most {max(totals):,} a day</span><span>{days[-1].day:%d %b}</span>"
    )
    return picture + Markup(f'<p class="ends" aria-hidden="true">{ends}</p>')


def reliability_chart(bands: Sequence[tuple[float, float, int]]) -> Markup:
    """Confidence to the right, share of right answers upwards; on the dotted line the two agree."""
    size, left = 220.0, 34.0
    parts = [
        f'<path class="even" d="M{left} {size}L{left + size} 0"/>',
        f'<path class="axis" d="M{left} 0V{size}H{left + size}"/>',
    ]
    for share in (0.0, 0.5, 1.0):
        y = size - share * size
        parts.append(f'<text x="{left - 6}" y="{y + 4:.0f}" text-anchor="end">{share:.0%}</text>')
        parts.append(f'<text x="{left + share * size:.0f}" y="{size + 18}" text-anchor="middle">{share:.1f}</text>')
    points = [(left + middle * size, size - right * size) for middle, right, _ in bands]
    if points:
        parts.append('<path class="curve" d="M' + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + '"/>')
    for (x, y), (middle, right, count) in zip(points, bands, strict=True):
        words = f"Confidence around {middle:.1f}: {right:.0%} of {count} answers right"
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5"><title>{escape(words)}</title></circle>')
    said = "; ".join(f"around {middle:.1f}, {right:.0%} of {count} right" for middle, right, count in bands)
    return _picture(left + size + 12, size + 26, f"Right answers by confidence: {said}", parts)


def _picture(width: float, height: float, said: str, parts: Sequence[str], *, stretched: bool = False) -> Markup:
    kind, fit = ("chart stretched", ' preserveAspectRatio="none"') if stretched else ("chart", "")
    box = f"0 0 {width:.0f} {height:.0f}" if stretched else f"0 -4 {width:.0f} {height + 4:.0f}"
    return Markup(
        f'<svg class="{kind}" viewBox="{box}"{fit} role="img" aria-label="{escape(said)}">{"".join(parts)}</svg>'
    )
