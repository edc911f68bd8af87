"""The command line; `CLI.md` of the documentation is its promise. `main.run` is the way in."""
