"""One module for each family: retrieval, answers, citations, abstention; ``statistics`` for intervals and tests."""
