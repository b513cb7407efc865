"""What people and documents write is text, whatever it contains; and no script runs that the page did not come with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from assistant.types import Citation
from tests.ui.browser.seeded import conversation_of, example, resume
from tests.ui.browser.seeing import eventually
from tests.ui.chromium import WIDE, Look, Visit
from tests.ui.house import QUESTION

pytestmark = pytest.mark.browser

HOSTILE = (
    "<script>window.hacked=1</script><img src=x onerror=window.hacked=1><svg onload=window.hacked=1></svg>"
    '"><iframe srcdoc="<script>parent.hacked=1</script>"></iframe>[x](javascript:window.hacked=1)'
    '<button class=do value=\'{"do":"delete"}\'>x</button>{{ 7*7 }}${window.hacked=1}'
)


def test_nothing_that_people_or_documents_write_runs(arriving: Visit, data_dir: Path) -> None:
    quoted = example("x").citations[0]
    hostile_citation: Citation = replace(quoted, title=HOSTILE, heading_path=(HOSTILE, HOSTILE), quote=HOSTILE)
    answers = [
        example(
            HOSTILE, text=f"{HOSTILE} [1]", standalone_question=f"Searched {HOSTILE}", citations=(hostile_citation,)
        ),
        example("Which?", text=HOSTILE, status="clarify", citations=(), choices=(HOSTILE, "What is a partition key?")),
    ]
    resume(arriving, *conversation_of(data_dir, answers))
    page = arriving.page
    arriving.ask(f"What does the lander payload weigh? {HOSTILE}"[:3000])
    page.focus("#question textarea")
    page.keyboard.press("Shift+Tab")  # from now on focus comes from the keyboard, and shows where a number leads
    page.focus("#chat .reading a.cite")
    expect(page.locator(".peek")).to_contain_text("<script>")
    arriving.press(page.locator("#chat .turn .edit").first)
    expect(page.locator(".editor textarea")).to_have_value(HOSTILE)
    page.keyboard.press("Escape")
    arriving.press(page.locator("#side .toggle-button"))
    expect(page.locator("#history .title").first).to_contain_text("<script>")
    for selector in ("script", "img:not([src='/ui/favicon.svg'])", "iframe", "svg[onload]", "[onerror]"):
        assert page.locator(f":is(#chat, #history, .peek) {selector}").count() == 0, selector
    assert page.locator("#chat a[href^='javascript']").count() == 0
    assert page.evaluate("window.hacked") is None
    # Even a script that reached the page would not run.
    page.evaluate("window.refused = 0, addEventListener('securitypolicyviolation', () => window.refused++)")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {textContent: 'hacked=1'}))")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=hacked=1>')")
    eventually(page, lambda: page.evaluate("window.refused") >= 2)
    assert page.evaluate("window.hacked") is None


def test_the_policy_allows_only_the_pages_own_scripts(browser: Browser, server: str) -> None:
    visit = Visit(Look(WIDE).context(browser), server)
    complaints: list[str] = []
    visit.page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    response = visit.page.goto(server)
    assert response is not None
    policy = response.headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in scripts
    assert "http" not in policy
    visit.page.wait_for_selector("#chat .example")
    visit.ask(QUESTION)
    assert complaints == []
    visit.context.close()
