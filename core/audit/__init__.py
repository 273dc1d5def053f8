"""The auditor: what a score still knows of a protected variable, by measures that did not train it."""
