"""Words as vectors before and beside BERT: static tables, ELMo and a left-to-right model."""
