"""Pure thinking: from what was seen to what is wrong, what to look at next, and what would mend it."""
