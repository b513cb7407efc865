"""Tests of the faces: source viewer, HTTP API, web chat and command line."""
