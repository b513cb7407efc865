"""The same question gives the same answer in Slack, on the page, in the API and as mrkdwn: words and citations."""

from __future__ import annotations

import html
import re

import pytest

from tests.slack.conftest import PUBLIC, House
from tests.slack.fake import mention
from tests.slack.test_bot import texts
from ui.web.messages import answer_message

QUESTIONS = (
    "What is a partition key?",
    "What are the weaknesses of partition keys?",
    "What are the strengths of partition keys?",
    "What are the limits of keys?",
    "How large can a sort key be?",
    "Is the observatory telescope cooled?",
    "What is the difference between a partition key and a sort key?",
    "What does the lander payload weigh?",
    "How do I restart the mail gateway?",
    "Who won the chess championship of 1972 in Reykjavik?",
    "hello",
)


def words(text: str) -> list[str]:
    """Letters and digits alone: what is said, whatever the markup."""
    return re.findall(r"[^\W_]+", html.unescape(text))


def from_html(page: str) -> list[str]:
    """The words of the answer on the page: its body, without the chips, the sources and the buttons."""
    body = page.split("answer-text", 1)[-1] if "answer-text" in page else page
    return words(re.sub(r"<[^>]*>", " ", body))


@pytest.mark.parametrize("question", QUESTIONS)
def test_slack_says_what_the_other_faces_say(house: House, question: str) -> None:
    ts = house.ts()
    house.event(mention(question, ts))
    (reply,) = house.replies(ts)
    api = house.client.post("/v1/answers", json={"question": question}).json()
    in_slack = house.assistant.records.answer(reply.metadata["event_payload"]["id"])
    assert (in_slack.text, in_slack.status) == (api["answer"], api["status"])
    assert [(one.document, one.start, one.end, one.quote) for one in in_slack.citations] == [
        (one["document"], one["start"], one["end"], one["quote"]) for one in api["citations"]
    ]
    # what is shown, not only what is recorded
    shown = texts([block for block in reply.blocks if block["type"] == "section"])
    plain = re.sub(r"<([^<>|]*)\|([^<>]*)>", r"\2", shown).replace("\u200b", "")
    answer_words = words(re.sub(r"\\(.)", r"\1", re.sub(r"\|[-: |]+\|", " ", in_slack.text)))
    headers = set(words(" ".join(re.findall(r"^\|.*\|$", in_slack.text, re.M)[:1])))
    assert [w for w in words(plain) if w not in headers] == [w for w in answer_words if w not in headers]
    page = from_html(answer_message(in_slack))
    assert set(answer_words) <= set(page)
    for citation in in_slack.citations:
        assert f"<{PUBLIC}{html.escape(citation.url, quote=False)}|[{citation.number}]>" in texts(reply.blocks)
