"""The models that disentangle, one a file."""
