"""The training of an autoencoder: an iterator of snapshots."""
