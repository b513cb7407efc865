"""Takes the screenshots of the README: an answer with its source open, from the running chat.

    ASKWELL_DATA_DIR=.askwell python -m tests.screenshots docs/images

The index must hold corpus/ (askwell ingest corpus). Writes chat.png (wide, light), chat-dark.png and chat-phone.png.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from assistant.settings import Settings
from tests.ui.chromium import PHONE, Visit, chromium
from tests.ui.served import served

QUESTION = "What is Amazon Neptune and what is it used for?"
WINDOW = (1280, 800)
MOST_BYTES = 300_000

Scheme = Literal["light", "dark"]
PICTURES: tuple[tuple[str, tuple[int, int], Scheme], ...] = (
    ("chat.png", WINDOW, "light"),
    ("chat-dark.png", WINDOW, "dark"),
    ("chat-phone.png", PHONE, "light"),
)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with served(Settings().data_dir) as running:
        take(running.address, folder)


def take(address: str, folder: Path) -> None:
    """Asks, opens the first source and writes each picture; none may be larger than a README wants."""
    with chromium() as browser:
        for name, size, scheme in PICTURES:
            visit = Visit(browser, address, size, scheme)
            visit.page.goto(address)
            visit.page.wait_for_selector("#question textarea")
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


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
