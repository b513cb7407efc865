"""The HTTP API, the source viewer's addresses and the web chat's host."""
