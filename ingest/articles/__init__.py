"""The written corpus: what an article must be. Checks only; nothing here is needed to ingest or to answer."""
