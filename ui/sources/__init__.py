"""The source viewer: a document rendered for reading, with the quoted words highlighted."""
