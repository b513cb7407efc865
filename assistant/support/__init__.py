"""Whether a quote bears a sentence out: pure functions over words, figures, dates, names and negations.

Nothing here reads an index or calls a model; ``statements.py`` in ``assistant/generation`` brings the passages.
"""
