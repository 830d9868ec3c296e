"""The bytes in the golden examples about encrypted rooms, made anew from the same seeds.

Margaret makes an encrypted conversation, invites Neil by a link and adds him; then she tries another room.
"""

from dataclasses import replace

from protocol.wire import to_base64
from scripts.generator.vectors.cast import Person, Stage
from ymera_client.crypto.commits import Policy

CREW = "019ca90a-71e0-7014-8014-000000000001"
SIMULATOR = "019ca90a-71e0-7014-8014-000000000002"
INVITE = "019ca90a-71e0-7014-8014-000000000003"
ANSWER = "019ca90a-71e0-7014-8014-000000000004"
PAIRING = "019ca90a-71e0-7014-8014-000000000005"

margaret, neil = Person("margaret"), Person("neil")
MARGARETS_GENESIS, NEILS_GENESIS = to_base64(margaret.links[0]), to_base64(neil.links[0])
DEVICE = to_base64(margaret.id_of())

crew = Stage(margaret)
crew.rotate(margaret)
CREW_GENESIS, CREW_COMMIT = (to_base64(item.raw) for item in crew.items)
CREW_BOXES = [to_base64(box) for box in crew.items[1].boxes]

simulator = Stage(margaret, replace(Policy(), rotate_msgs=500))
simulator.rotate(margaret)
