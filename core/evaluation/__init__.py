"""Scores judged on held-out events: separation, sculpting and what statistics allow."""
