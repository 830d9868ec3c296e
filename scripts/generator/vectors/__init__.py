"""The vectors of cx1: what every implementation makes of given bytes, valid or not, with the exact fault.

`cast` makes people and rooms from a seed. The others have the calls that cases name, and the cases, each with
why it is tried. The same seeds give the same files.
"""
