"""Neural estimators, one a file; dropping a file in adds one everywhere."""
