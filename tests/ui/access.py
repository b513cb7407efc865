"""An application that asks for keys, and clients that have one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.assistant import Assistant
from assistant.records import keys_of
from assistant.records.keys import Keys
from assistant.settings import Settings
from assistant.wiring import assemble
from ui.http.app import create_app


@dataclass(frozen=True, slots=True)
class Guarded:
    app: FastAPI
    assistant: Assistant
    keys: Keys

    def client(self, key: str = "") -> TestClient:
        """A client that sends this key, or none; it keeps cookies and follows no redirect."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return TestClient(self.app, headers=headers, raise_server_exceptions=False, follow_redirects=False)

    def with_key(self, name: str, rights: tuple[str, ...] = ("ask", "read"), *collections: str) -> TestClient:
        return self.client(self.keys.create(name, rights, collections or None)[1])


def guarded(data_dir: Path, *, chat: bool = False, **settings: object) -> Guarded:
    """``settings`` are those of ``Settings``; the caller closes the assistant."""
    chosen = Settings(data_dir=data_dir, _env_file=None, **{"require_key": True, **settings})  # type: ignore[arg-type]
    assistant = assemble(chosen)
    app = create_app(assistant, chosen, chat=chat)
    return Guarded(app, assistant, keys_of(assistant.records))
