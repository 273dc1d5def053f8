"""Monte Carlo behind the bundled samples: `python -m sample_data.generate NAME --events N --out FILE`."""
