"""Made-up logs with a known trouble, or none: haystacks to find a needle in."""
