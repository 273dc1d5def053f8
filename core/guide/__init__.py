"""The ideas behind the dashboard, shown on the loaded events themselves: one quick computation each, without torch."""
