"""Disposable stacks of real processes, the faults put into them, and the demonstration that mends one."""
