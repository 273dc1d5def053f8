"""Disentangled representations: an autoencoder sets the protected variables apart, a classifier does without them."""
