"""Answers to record in tests."""

from __future__ import annotations

from assistant.types import Answer, Citation, Related


def citation(number: int, quote: str = "A DynamoDB item is at most 400 KB.") -> Citation:
    return Citation(
        number=number,
        document="nonrelational/dynamodb/limits.md",
        collection="corpus",
        title="Limits of DynamoDB",
        heading_path=("Limits of DynamoDB", "How large an item can be"),
        url="nonrelational/dynamodb/limits.md#how-large-an-item-can-be",
        quote=quote,
        start=120,
        end=120 + len(quote),
        score=0.8125,
        supported=True,
    )


def answer(
    conversation_id: str,
    answer_id: str = "a1",
    question: str = "How big?",
    citations: tuple[Citation, ...] | None = None,
) -> Answer:
    return Answer(
        id=answer_id,
        conversation_id=conversation_id,
        question=question,
        standalone_question=f"{question} (DynamoDB item)",
        status="answered",
        text="A DynamoDB item is at most 400 KB [1].",
        citations=(citation(1),) if citations is None else citations,
        related=(Related("d.md", "corpus", "D", ("D", "Near"), "d.md#near"),),
        hits=(),
        generator="extractive",
        index_generation="g-0001",
        confidence=0.75,
        choices=("How big is an item?", "How big is a key?"),
        timings_ms={"retrieve": 3.5, "compose": 1.25},
    )
