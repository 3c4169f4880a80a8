"""`python -m lessons`: every lesson's result without a browser."""
