"""The nouns of the trade: plain, frozen data, no input or output."""
