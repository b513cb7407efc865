"""Questions to train on, apart from the question sets in evals/sets."""
