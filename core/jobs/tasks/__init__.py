"""The tasks that the runner can work on, one a file."""
