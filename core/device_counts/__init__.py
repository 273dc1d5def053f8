"""Joint counts by torch: the tables of ``core.information.counts`` from a graphics processor, to the count."""
