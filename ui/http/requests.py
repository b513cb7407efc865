"""The bodies that the API accepts. An unknown field is refused, since ignoring it would look like obeying it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.types import Rating, Reason


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Scoped(_Body):
    question: str = Field(examples=["What are the weaknesses of graph databases?"])
    collections: list[str] | None = Field(None, description="Search only these collections.", max_length=100)
    filters: dict[str, str | list[str]] | None = Field(
        None, description="Front-matter fields and accepted values.", examples=[{"pillars": ["security"]}]
    )


class AnswerRequest(Scoped):
    conversation_id: str | None = Field(None, description="Continues a conversation; leave out to begin one.")
    format: Literal["markdown", "mrkdwn", "text"] | None = Field(
        None, description="Adds the answer as finished text with its sources: Markdown, Slack's mrkdwn or plain text."
    )
    stream: bool = Field(False, description="Send server-sent events: sources, token, citation, done, error.")


class SearchRequest(Scoped):
    k: int = Field(10, ge=1, le=100, description="How many passages.")


class FeedbackRequest(_Body):
    answer_id: str
    rating: Rating
    comment: str = Field("", max_length=4000)
    reason: Reason | None = Field(None, description="Why an answer was voted down.")
    expected: str = Field("", max_length=4000, description="What the answer should have been.")
