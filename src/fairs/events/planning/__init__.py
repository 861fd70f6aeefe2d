"""The draft of a programme, its released versions, its speakers, and the spreadsheet it can come from."""
