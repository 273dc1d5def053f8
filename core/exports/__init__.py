"""Files for a paper: figures at the size of a journal, tables as LaTeX, and submissions of whole runs."""
