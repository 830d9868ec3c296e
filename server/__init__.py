"""The edge and the wiring: command line, settings, web application, Socket.IO, REST, fan-out and metrics.

The only package that knows the operating system, the network and the web framework.
"""
