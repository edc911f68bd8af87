"""What watches a laboratory from outside: programs that the repaired host neither knows nor runs."""
