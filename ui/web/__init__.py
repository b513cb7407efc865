"""The web chat: a Gradio page whose answers carry numbers that open the quoted words."""

import os

# Before Gradio is imported: it reads this once, and nothing about our users leaves this machine.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
