"""Texts: words, dictionaries, the sentence encoder, and the comparison of many texts at once."""
