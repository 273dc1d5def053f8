"""Methods of calibration, one file each."""
