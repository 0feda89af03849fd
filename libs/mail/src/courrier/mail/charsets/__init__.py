"""Bytes under any charset label, right, wrong or none, become valid Unicode."""
