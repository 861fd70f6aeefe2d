"""The product's commands, one file per subject; `fairs.cli` combines them."""
