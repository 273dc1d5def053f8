"""Dependence penalties, one method a file; dropping a file in adds a method everywhere."""
