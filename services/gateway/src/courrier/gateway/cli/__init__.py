"""``courrier gateway|token|user|account``."""
