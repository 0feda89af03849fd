"""The log outside the broker: chained segments, their check, and the broker rebuilt from them."""
