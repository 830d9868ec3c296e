"""Something that a person has allowed a run to do: exactly this, with these arguments, once."""

from typing import Any, Protocol

from ymera_client.agent.failures import Denied
from ymera_client.errors import Forbidden
from ymera_client.generated import Command, Question, RunUseApproval


class _Send(Protocol):
    async def __call__(self, report: Command[Question], /) -> Question: ...


class Approval:
    """An approval that was given; `question` is what was asked and who answered."""

    def __init__(self, question: Question, about: dict[str, Any], send: _Send) -> None:
        self.question = question
        self._about = about
        self._send = send

    async def use(self, arguments: dict[str, Any], *, cost: int = 0) -> None:
        """Make use of it, right before the action: the server checks it again, and it serves once.

        `arguments` are what the action will be done with, and `cost` what it will cost, in millionths.
        Denied unless both are as approved, it has not expired and was not used before.
        """
        try:
            self.question = await self._send(
                RunUseApproval(
                    **self._about,
                    question_id=self.question.id,
                    action=str(self.question.action),
                    arguments=arguments,
                    cost=cost,
                )
            )
        except Forbidden as error:
            raise Denied(error.message) from error
