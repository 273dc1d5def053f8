"""What every training shares: networks, snapshots, devices and the split into training, validation and test."""
