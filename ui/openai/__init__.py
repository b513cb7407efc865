"""Askwell as a model behind OpenAI's chat API, for tools that know that protocol."""
