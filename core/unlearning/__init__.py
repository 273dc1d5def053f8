"""Classifiers that unlearn: cross entropy plus λ times a dependence on protected variables."""
