"""Estimators of mutual information, one a file; dropping a file in adds an estimator everywhere."""
