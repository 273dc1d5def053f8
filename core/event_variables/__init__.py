"""Event variables that networks learn: one or few numbers an event, made for finding signals or measuring θ."""
