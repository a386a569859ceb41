"""Measurements, each beside a named baseline in the same run. Not tests: they hold nothing, they tell."""
