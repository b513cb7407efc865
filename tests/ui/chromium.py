"""A real Chromium for the browser tests, which notes every request that leaves this machine and every script error.

Pages are looked at in two ways, a wide window in light colours and a phone's in dark ones. What depends on both, how
much things stand out, is measured in either window in all colours (``seeing``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Locator, Page, sync_playwright

EXECUTABLE = Path("/usr/bin/chromium")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
WIDE, PHONE = (1440, 900), (390, 844)
PATIENCE = 30_000
"""Milliseconds for what takes a moment: a busy machine needs many times what a quiet one does."""

ALL_STILL = """async () => {
  const running = (one) => one.playState === "running" && one.effect.getComputedTiming().endTime < Infinity;
  for (let still = 0; still < 2; still++) {  // what moves begins a frame later, and one that ends may begin another
    await new Promise(requestAnimationFrame);
    const found = document.getAnimations().filter(running);
    if (found.length) still = -1;
    await Promise.allSettled(found.map((one) => one.finished));
  }
}"""


@dataclass(frozen=True, slots=True)
class Look:
    """A window and the colours that its system prefers. A narrow window is a phone's, used with a finger."""

    size: tuple[int, int]
    scheme: Literal["light", "dark"] = "light"

    @property
    def narrow(self) -> bool:
        return self.size[0] < 900

    def __str__(self) -> str:
        return f"{'phone' if self.narrow else 'wide'}-{self.scheme}"

    def context(self, browser: Browser) -> BrowserContext:
        """A browser of its own: it has seen nothing and has no cookies."""
        return browser.new_context(
            viewport={"width": self.size[0], "height": self.size[1]},
            color_scheme=self.scheme,
            has_touch=self.narrow,
            is_mobile=self.narrow,
        )


LOOKS = (Look(WIDE), Look(PHONE, "dark"))


@contextmanager
def chromium() -> Iterator[Browser]:
    """Skips without Chromium, or fails where everything is required (ASKWELL_REQUIRE_ALL=1)."""
    if not EXECUTABLE.exists():
        reason = f"Chromium is not installed: no {EXECUTABLE}"
        if os.environ.get("ASKWELL_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """A page of a context, and what went wrong on it."""

    def __init__(self, context: BrowserContext, server: str) -> None:
        self.context = context
        self.server = server
        self.page: Page = context.new_page()
        self.outside: list[str] = []
        self.errors: list[str] = []
        local = (server, "data:", "blob:")
        self.page.on("request", lambda one: None if one.url.startswith(local) else self.outside.append(one.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", self._dialog)

    def _dialog(self, dialog: Dialog) -> None:
        self.errors.append(f"a dialog opened: {dialog.message}")
        dialog.dismiss()

    @property
    def width(self) -> int:
        size = self.page.viewport_size
        assert size is not None
        return size["width"]

    def open(self, path: str = "/") -> None:
        """Opens the chat and waits until a question can be asked."""
        self.page.goto(self.server + path)
        self.page.wait_for_selector("#question textarea")

    def ask(self, question: str) -> None:
        """Types a question and waits for its whole answer."""
        answers = self.page.locator("#chat .answer:not(.streaming)")
        before = answers.count()
        self.page.fill("#question textarea", question)
        self.page.keyboard.press("Enter")
        answers.nth(before).wait_for(timeout=PATIENCE)

    def press(self, locator: Locator) -> None:
        """With the finger on a phone, with the mouse elsewhere."""
        if self.width < 900:
            locator.tap()
        else:
            locator.click()

    def settle(self) -> None:
        """Waits until nothing slides or fades any more, except what never ends."""
        self.page.evaluate(ALL_STILL)

    def check(self) -> None:
        """Nothing went outside, no script failed, and nothing sticks out of the window."""
        assert self.outside == []
        assert self.errors == [], self.errors
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width
