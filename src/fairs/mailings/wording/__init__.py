"""The organisers' own texts of the mails that the product writes, with their versions."""
