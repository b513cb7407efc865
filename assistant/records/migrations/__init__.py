"""Alembic's home: ``env.py`` runs the revisions in ``versions`` over the connection that the caller opened."""
