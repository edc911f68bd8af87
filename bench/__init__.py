"""What Vigie measures of itself: `./run bench` writes RESULTS.md, `./run bench NAME` prints one measurement."""
