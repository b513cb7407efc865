"""The faces of the assistant: command line, HTTP API, web chat and source viewer."""
