"""Prices and texts about stocks, and what can be told from them about the next day."""
