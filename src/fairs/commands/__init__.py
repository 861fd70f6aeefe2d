"""The product's commands, one file a subject; `fairs.cli` puts them together."""
