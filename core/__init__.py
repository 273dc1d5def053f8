"""Information between collider variables, and classifiers that unlearn what they must not use."""

__version__ = "0.1.0"
