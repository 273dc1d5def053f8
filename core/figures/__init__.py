"""Results drawn: every figure is a function of a result, and all share one look."""
