"""The command that makes assets/stocks: python -m core.training.stocks"""
