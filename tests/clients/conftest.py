"""Other people's clients talk to ``askwell serve`` as it runs for people, over the house of ``tests/ui``."""

from __future__ import annotations

from tests.ui.conftest import assistant, data_dir, models, server, settings

__all__ = ["assistant", "data_dir", "models", "server", "settings"]
