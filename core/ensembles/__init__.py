"""Learning from many events at once: classifiers of sets of events, and a parameter from sets of events."""
