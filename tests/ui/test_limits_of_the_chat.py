"""The chat keeps to the limits of every question: its time, and how many run at once."""

from __future__ import annotations

import time
from collections.abc import Generator

import gradio as gr
import pytest

from assistant.assistant import Assistant
from assistant.callers import Caller, acting_as
from assistant.settings import Settings
from ui.http.places import Places
from ui.web.asking import Desk
from ui.web.chat import build_chat
from ui.web.limited import NotAnsweredError, within


def last_message(assistant: Assistant, settings: Settings, places: Places) -> str:
    """What the page shows at the end of a question."""
    request = gr.Request(cookies={}, query_params={})
    desk = Desk(assistant, settings, places)
    steps = list(desk.ask(request, gr.EventData(None, {}), "What is a sort key?", "", "", None, None, None, None))
    assert steps[-1][0]._constructor_args[0]["submit_btn"] is True  # the next question can be asked
    return str(steps[-1][1][-1]["content"])


def test_a_question_whose_time_is_over_ends_with_a_sentence(assistant: Assistant, settings: Settings) -> None:
    hasty = settings.model_copy(update={"request_seconds": 0.0001})
    places = Places(1, 1)
    assert "took longer than 0.0001 seconds and was given up" in last_message(assistant, hasty, places)
    free_again(places)
    assert 'class="cite' in last_message(assistant, settings, places)


def test_a_question_without_a_place_is_told_to_wait(assistant: Assistant, settings: Settings) -> None:
    places = Places(1, 1)
    assert places.take("") is None  # somebody asks the API
    assert "Too many questions are being answered" in last_message(assistant, settings, places)
    places.leave("")
    assert 'class="cite' in last_message(assistant, settings, places)
    page = build_chat(assistant, settings.model_copy(update={"max_running": 3}), places)
    assert {one.concurrency_limit for one in page.fns.values() if one.name == "ask"} == {3}


def free_again(places: Places, whose: str = "") -> None:
    deadline = time.monotonic() + 10
    while places.take(whose) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    places.leave(whose)


def test_a_step_that_hangs_is_left_and_keeps_its_place_until_it_ends() -> None:
    ended: list[str] = []

    def hanging() -> Generator[str, None, None]:
        try:
            yield "first"
            time.sleep(0.4)
            yield "late"
        finally:
            ended.append("closed")

    places = Places(5, 1)
    with acting_as(Caller("key:a")):
        steps = within(places, 0.1, hanging())
        assert next(steps) == "first"
        began = time.monotonic()
        with pytest.raises(NotAnsweredError, match=r"longer than 0\.1 seconds"):
            next(steps)
        assert time.monotonic() - began < 0.35
        with pytest.raises(NotAnsweredError, match="This key has too many"):
            next(within(places, 1, hanging()))
    free_again(places, "key:a")
    assert ended == ["closed"]


def test_a_stopped_answer_takes_no_further_step() -> None:
    taken: list[int] = []

    def counting() -> Generator[int, None, None]:
        for number in range(1, 100):
            taken.append(number)
            yield number

    places = Places(1, 1)
    steps = within(places, 10, counting())
    assert next(steps) == 1
    steps.close()
    free_again(places)
    assert taken == [1]
