"""Calibration: from measured features to a true quantity, without and with the help of the training spectrum."""
