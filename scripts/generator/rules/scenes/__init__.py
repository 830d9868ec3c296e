"""The scripts of the vectors, by what they are about. What a script shows stands in its docstring."""
