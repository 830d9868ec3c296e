"""`python -m ymera_client` is the command `ymera-client`."""

from ymera_client.cli import main

main()
