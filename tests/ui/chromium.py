"""A real Chromium for the browser tests, which notes every request that leaves this machine and every script error."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

EXECUTABLE = Path("/usr/bin/chromium")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
WIDE, PHONE = (1440, 900), (390, 844)


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
    """A page and what went wrong on it."""

    def __init__(
        self, browser: Browser, server: str, size: tuple[int, int], scheme: Literal["light", "dark"] = "light"
    ) -> None:
        self.context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
        self.page: Page = self.context.new_page()
        self.outside: list[str] = []
        self.errors: list[str] = []
        local = (server, "data:", "blob:")
        self.page.on("request", lambda one: None if one.url.startswith(local) else self.outside.append(one.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", self._dialog)

    def _dialog(self, dialog: Dialog) -> None:
        self.errors.append(f"a dialog opened: {dialog.message}")
        dialog.dismiss()

    def ask(self, question: str) -> None:
        """Types a question and waits for its whole answer."""
        answers = self.page.locator("#chat .answer:not(.streaming)")
        before = answers.count()
        self.page.fill("#question textarea", question)
        self.page.keyboard.press("Enter")
        answers.nth(before).wait_for(timeout=30_000)
