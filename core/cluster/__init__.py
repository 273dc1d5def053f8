"""More than one machine: counts and trainings sent to the workers of a Dask scheduler.

Dask is imported when a scheduler is named and used, not before.
"""
