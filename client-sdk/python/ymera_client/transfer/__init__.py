"""Bringing bytes up and down over connections that break: what `ymera_client.files` is made of.

`sources` is what is read from, `chunks` what goes out of it, `tus` the requests, `uploads` and `downloads`
one transfer each, and `folders` many of them.
"""
