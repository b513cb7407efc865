"""Askwell as an MCP server: tools and resources for other assistants."""
