"""Sealed rooms: what is said in them is encrypted between the members' devices.

`crypto` is the pure protocol; here is what uses it: the device's store of keys, the chains of others, the
engine of each room, and the local answers to commands and queries that never go to the server in plain.
"""
