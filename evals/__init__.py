"""Question sets, metrics, runner and gate: what is good, what got worse, and at which stage."""
