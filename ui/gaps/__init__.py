"""The gap report as Markdown, as a page that works offline, and as JSON."""
