"""Pages for who keeps the documents: what is indexed, and how good the answers are."""
