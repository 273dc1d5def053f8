"""The constructions of a classifier of sets, one file each."""
