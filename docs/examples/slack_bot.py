"""A Slack bot of your own that needs nothing but POST /v1/answers. Run: python docs/examples/slack_bot.py"""

import os

import httpx
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

ANSWERS = os.environ.get("ANSWERS_URL", "http://localhost:8000/v1/answers")
KEY = os.environ.get("ANSWERS_KEY", "")  # made with: askwell keys create
client = WebClient(os.environ["SLACK_BOT_TOKEN"], os.environ.get("SLACK_API_URL", WebClient.BASE_URL))
app = App(client=client)
threads = {}  # thread -> conversation_id; keep it in a database if it must outlive this process


@app.event("app_mention")
def answer(event, body, say):
    thread = event.get("thread_ts", event["ts"])
    asked = {"question": event["text"].split(">", 1)[-1], "format": "mrkdwn", "conversation_id": threads.get(thread)}
    headers = {"Idempotency-Key": body["event_id"]} | ({"Authorization": f"Bearer {KEY}"} if KEY else {})
    reply = httpx.post(ANSWERS, json=asked, headers=headers, timeout=60).json()
    threads[thread] = reply.get("conversation_id")
    parts = reply["rendering"]["parts"] if "rendering" in reply else [reply["detail"]]  # detail: what went wrong
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": part}} for part in parts]
    say(text=parts[0], blocks=blocks, thread_ts=thread, unfurl_links=False)


if __name__ == "__main__":
    SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).start()
