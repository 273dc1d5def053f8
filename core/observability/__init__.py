"""What the program tells of itself while it runs: its state, and metrics for a monitor."""
