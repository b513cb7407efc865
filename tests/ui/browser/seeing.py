"""What eyes and screen readers need: axe's serious findings, and what stands out too little; and patience."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.ui.chromium import ALL_STILL, PATIENCE

CONTRAST = """(shapes) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$|transparent/.test(colour)) return colour;
    }
    return "white";
  };
  return shapes.map((shape) => {
    const style = getComputedStyle(shape);
    const drawn = style.fill === "none" ? style.stroke : style.fill;
    const [low, high] = [light(drawn), light(behind(shape.ownerSVGElement))].sort((a, b) => a - b);
    return [shape.getAttribute("class") ?? shape.tagName, (high + 0.05) / (low + 0.05)];
  });
}"""

BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def serious(page: Page) -> list[str]:
    """What axe-core finds that would keep somebody from using the page; contrast of text in light and in dark."""
    page.evaluate(Axe().axe_script)
    found = _violations(page)
    with in_the_other_colours(page):
        return found + _violations(page, runOnly=["color-contrast"])


def _violations(page: Page, **options: object) -> list[str]:
    found = page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], **options})["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@contextmanager
def in_the_other_colours(page: Page) -> Iterator[None]:
    """The page as it is once the system prefers dark colours, if it was light, or light ones."""
    dark = bool(page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"))
    own: Literal["light", "dark"] = "dark" if dark else "light"
    before = page.evaluate(BACKGROUND)
    page.emulate_media(color_scheme="light" if dark else "dark")
    eventually(page, lambda: page.evaluate(BACKGROUND) != before)
    page.evaluate(ALL_STILL)
    yield
    page.emulate_media(color_scheme=own)
    eventually(page, lambda: page.evaluate(BACKGROUND) == before)
    page.evaluate(ALL_STILL)


def pale(page: Page, shapes: str, least: float = 3.0) -> list[str]:
    """Of the shapes of pictures: those that stand out less than ``least``; WCAG 1.4.11 wants 3 to 1."""
    found = _pale(page, shapes, least)
    with in_the_other_colours(page):
        return found + _pale(page, shapes, least)


def _pale(page: Page, shapes: str, least: float) -> list[str]:
    measured = page.locator(shapes).evaluate_all(CONTRAST)
    assert measured, shapes
    return [f"{name}: {contrast:.1f}" for name, contrast in measured if contrast < least]


def eventually(page: Page, holds: Callable[[], bool]) -> None:
    """Asks again and again. (``wait_for_function`` would evaluate text in the page, which its policy forbids.)"""
    until = time.monotonic() + PATIENCE / 1000
    while not holds():
        assert time.monotonic() < until, "it never came true"
        page.wait_for_timeout(50)
