"""Answers written by a chat model from the same evidence, every sentence checked before it is shown."""
