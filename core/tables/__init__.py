"""Results as tables of plain columns, to take along as Parquet or CSV; one file for each kind of result."""
