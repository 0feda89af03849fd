"""The outside world in the fetcher's words."""
