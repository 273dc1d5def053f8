"""Runs: asked for, queued, worked through in threads, and kept in a store that pages and commands read."""
