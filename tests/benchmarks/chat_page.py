"""How quick the chat feels in a real Chromium: first words of an answer, and a conversation of 200 turns.

    ASKWELL_DATA_DIR=.askwell python -m tests.benchmarks.chat_page

The index must hold corpus/ (askwell ingest corpus). Times are taken in the page, from the key press on.
"""

from __future__ import annotations

import statistics

from playwright.sync_api import Page

from assistant.examples import example_questions
from assistant.records import open_records
from assistant.settings import Settings
from assistant.types import Question
from assistant.wiring import assemble
from tests.ui.chromium import PHONE, WIDE, Look, Visit, chromium
from tests.ui.served import served
from ui.web.owner import COOKIE

TURNS = 200
OWNER = "benchmark-of-the-chat-page-000000000000"

WATCH = """() => {
  window.first = null;
  const began = performance.now();
  const watch = new MutationObserver(() => {
    const answers = document.querySelectorAll("#chat .bot-row:last-child .answer .reading");
    if (answers.length && answers[0].textContent.trim() && window.before !== answers[0].textContent) {
      window.first = performance.now() - began;
      watch.disconnect();
    }
  });
  window.before = document.querySelector("#chat .bot-row:last-child .answer .reading")?.textContent;
  watch.observe(document.querySelector("#chat"), { childList: true, subtree: true, characterData: true });
}"""

FRAMES = """() => new Promise((done) => {
  const frame = document.querySelector("#chat .bubble-wrap"), times = [];
  let last = performance.now(), step = 0;
  const next = () => {
    const now = performance.now();
    times.push(now - last);
    last = now;
    frame.scrollTop -= 60;
    if (++step < 60) requestAnimationFrame(next);
    else done(times.slice(1));
  };
  frame.scrollTop = frame.scrollHeight;
  requestAnimationFrame(next);
})"""


def main() -> None:
    questions = asked_before()
    with served(Settings().data_dir) as running, chromium() as browser:
        address = running.address
        for name, size in (("1440 px", WIDE), ("390 px", PHONE)):
            visit = Visit(Look(size).context(browser), address)
            visit.open()
            first = [first_words(visit.page, question) for question in questions]
            print(f"{name}: first words after {statistics.median(first):.0f} ms (median), {max(first):.0f} ms (most)")
            visit.context.close()
        visit = Visit(Look(WIDE).context(browser), address)
        visit.context.add_cookies([{"name": COOKIE, "value": OWNER, "url": address}])
        visit.page.goto(f"{address}/?c={long_conversation(questions)}")
        visit.page.wait_for_selector("#chat .answer")
        first = [first_words(visit.page, question) for question in questions]
        frames = visit.page.evaluate(FRAMES)
        rows = visit.page.locator("#chat .user-row").count()
        print(
            f"after {TURNS} turns ({rows} drawn): first words after {statistics.median(first):.0f} ms (median), ",
            end="",
        )
        print(
            f"{max(first):.0f} ms (most); scrolling {statistics.median(frames):.1f} ms a frame, {max(frames):.0f} most"
        )


def first_words(page: Page, question: str) -> float:
    """Milliseconds from the key press to the first words of the answer on the page."""
    done = page.locator("#chat .answer:not(.streaming)")
    page.fill("#question textarea", question)
    page.evaluate(WATCH)
    page.keyboard.press("Enter")
    while page.evaluate("window.first") is None:  # wait_for_function would need eval, which the page's policy forbids
        page.wait_for_timeout(50)
    page.wait_for_timeout(600)
    assert done.count()
    return float(page.evaluate("window.first"))


def asked_before() -> list[str]:
    assistant = assemble(Settings())
    try:
        return example_questions(assistant.holder.current(), 12)
    finally:
        assistant.close()


def long_conversation(questions: list[str]) -> str:
    """A conversation with TURNS recorded answers."""
    settings = Settings()
    records = open_records(settings)
    known = [one.id for one in records.conversations.of(OWNER)]
    for conversation in known:
        records.conversations.delete(OWNER, conversation)
    conversation = records.conversations.begin(OWNER)
    records.close()
    assistant = assemble(settings)
    try:
        for turn in range(TURNS):
            assistant.ask(Question(questions[turn % len(questions)], conversation, exact=True))
    finally:
        assistant.close()
    return conversation


if __name__ == "__main__":
    main()
