"""What is in a file, found out by whoever has its bytes: for encrypted rooms, whose files no server reads.

Invariants: whatever a file is, reading it takes bounded time and memory, and ends with an `Extraction`. Its
type goes by its content; its name only tells texts apart. The TypeScript SDK finds the same, which the cases
in client-sdk/vectors/extraction hold both to.
"""

from ymera_client.extraction.extract import extract as extract
from ymera_client.extraction.extract import wanted as wanted
from ymera_client.extraction.extraction import Extraction as Extraction
