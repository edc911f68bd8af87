"""How people and programs reach Vigie: command line, API, console; all of them use `services.Services`."""
