"""Texts: words, dictionaries, the sentence encoder, and fast comparison of many texts."""
