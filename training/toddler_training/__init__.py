"""Everything that makes a model: text, tokenizer, training, export, evaluation."""
