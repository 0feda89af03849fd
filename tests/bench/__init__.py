"""Benchmarks: real servers, real data, and the limit each figure is compared with in one run."""
