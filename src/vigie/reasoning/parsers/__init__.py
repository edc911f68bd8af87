"""What lines print, turned into what was seen: one pure parser a file."""
