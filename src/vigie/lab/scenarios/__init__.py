"""One fault each: how it is put in, what a customer writes about it, and what tells a true repair from a seeming one."""
