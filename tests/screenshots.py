"""Takes the pictures of the README and the docs from the running pages.

    ASKWELL_DATA_DIR=.askwell python -m tests.screenshots docs/images

The index must hold corpus/ (askwell ingest corpus). Writes an answer with its source open (chat.png wide and light,
chat-dark.png, chat-phone.png), a follow-up beside the history (history.png), a question that the documents do not
answer (not-found.png), and the page quality.png (which shows an evaluation if there is one).
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, expect

from assistant.settings import Settings
from tests.ui.chromium import PHONE, Look, Visit, chromium
from tests.ui.served import served

QUESTION = "What is Amazon Neptune and what is it used for?"
WINDOW = (1280, 800)
MOST_BYTES = 300_000

PICTURES = (("chat.png", Look(WINDOW)), ("chat-dark.png", Look(WINDOW, "dark")), ("chat-phone.png", Look(PHONE)))


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with served(Settings().data_dir) as running:
        take(running.address, folder)


def take(address: str, folder: Path) -> None:
    """Asks, opens the first source and writes each picture; none may be larger than a README wants."""
    with chromium() as browser:
        for name, look in PICTURES:
            visit = Visit(look.context(browser), address)
            visit.open()
            visit.ask(QUESTION)
            documents = {urlsplit(chip.get_attribute("href") or "").path for chip in visit.page.locator("a.cite").all()}
            assert len(documents) > 1, f"{QUESTION!r} is answered from one document; choose a better example"
            visit.page.click("#chat a.cite >> nth=0")
            visit.page.wait_for_selector(".panel mark#quote")
            visit.page.wait_for_timeout(600)  # until the panel has slid in
            picture = folder / name
            visit.page.screenshot(path=picture)
            assert picture.stat().st_size < MOST_BYTES, f"{picture} is too large"
            visit.context.close()
        _conversation(browser, address, folder)
        _pages(browser, address, folder)


def _conversation(browser: Browser, address: str, folder: Path) -> None:
    visit = Visit(Look(WINDOW).context(browser), address)
    visit.open()
    visit.ask("Who won the world cup in 1998?")
    visit.page.wait_for_timeout(600)
    _save(visit, folder / "not-found.png")
    for question in ("Is Amazon QLDB still available?", "What are the weaknesses of graph databases?"):
        visit.page.click("#begin")
        expect(visit.page.locator("#chat .answer")).to_have_count(0)
        visit.ask(question)
    visit.ask("And the strengths?")
    visit.page.click("#side .toggle-button")
    visit.page.wait_for_timeout(800)
    _save(visit, folder / "history.png")
    visit.context.close()


def _pages(browser: Browser, address: str, folder: Path) -> None:
    visit = Visit(Look(WINDOW).context(browser), address)
    for name in ("quality",):
        visit.page.goto(f"{address}/{name}")
        _save(visit, folder / f"{name}.png")
    visit.context.close()


def _save(visit: Visit, picture: Path) -> None:
    visit.page.screenshot(path=picture)
    assert picture.stat().st_size < MOST_BYTES, f"{picture} is too large"


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
