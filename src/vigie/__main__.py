"""`python -m vigie`: the same as the `vigie` command."""

from vigie.app import main

main()
