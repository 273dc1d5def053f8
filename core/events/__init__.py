"""From files to events: inspect, guess roles, derive, select, check, load."""
