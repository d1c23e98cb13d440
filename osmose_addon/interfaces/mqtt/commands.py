"""What comes in over MQTT: presses of our buttons and calls of our actions. Anything else is dropped and counted."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from osmose_addon.interfaces.mqtt.client import Connection, Message
from osmose_addon.interfaces.mqtt.discovery import HERE, PRESS, Thing
from osmose_addon.interfaces.mqtt.topics import Topics
from osmose_addon.model.actions import ACTIONS, Done
from osmose_addon.model.config import Right
from osmose_addon.model.errors import BusyError, OsmoseError
from osmose_addon.stores.actions import Actions

_LOG = logging.getLogger(__name__)
_LONGEST_COMMAND_BYTES = 4096
_LONGEST_CORRELATION = 200
_WAITING = 32
_DEADLINE_S = 30.0


@dataclass(frozen=True, slots=True)
class Request:
    """One understood command. The answer goes to `reply_to`, if given, with the correlation it came with."""

    action: str
    arguments: Mapping[str, str]
    reply_to: str = ""
    correlation: str = ""
    correlation_bytes: bytes = b""


class Commands:
    """Hears commands and has them done, one after the other, at most 32 waiting."""

    def __init__(self, actions: Actions, topics: Topics, names: Callable[[], tuple[Thing, ...]]) -> None:
        """Ask `actions`; only things that `names` gives can be meant."""
        self.dropped = 0
        self._actions = actions
        self._topics = topics
        self._names = names
        self._waiting: asyncio.Queue[Request] = asyncio.Queue(_WAITING)

    def hear(self, message: Message) -> None:
        """Take a message; what is no command of ours is dropped and counted."""
        request = self._understood(message)
        if request is None or self._waiting.full():
            self._drop(message)
        else:
            self._waiting.put_nowait(request)

    async def carry_on(self, connection: Connection) -> None:
        """Have the commands done, for ever."""
        while True:
            request = await self._waiting.get()
            answer = await self._answer(request)
            if request.reply_to:
                told = {**answer, "correlation": request.correlation} if request.correlation else answer
                text = json.dumps(told, ensure_ascii=False)
                await connection.tell(request.reply_to, text, correlation=request.correlation_bytes)

    async def _answer(self, request: Request) -> dict[str, object]:
        try:
            done = await self._done(request)
        except OsmoseError as error:
            _LOG.info("action %s asked over MQTT was not done: %s", request.action, error.key)
            return {"ok": False, "error": error.key, "fields": error.fields}
        return {"ok": True, "result": done.result}

    async def _done(self, request: Request) -> Done:
        try:
            async with asyncio.timeout(_DEADLINE_S):
                return await self._actions.ask(request.action, request.arguments, right=Right.MANAGE, who="mqtt")
        except TimeoutError:
            pass
        raise BusyError(retry_after_s=_DEADLINE_S)

    def _understood(self, message: Message) -> Request | None:
        # A retained command would be done again at every connection.
        if message.is_retained or len(message.payload) > _LONGEST_COMMAND_BYTES:
            return None
        pressed = self._topics.pressed(message.topic)
        if pressed is not None:
            return self._pressed(*pressed, message.payload)
        asked = self._topics.asked(message.topic)
        return self._asked(asked, message) if asked in ACTIONS else None

    def _pressed(self, kind: str, id_: str, name: str, payload: bytes) -> Request | None:
        action = ACTIONS.get(name)
        is_there = any((thing.kind, thing.id) == (kind, id_) for thing in (HERE, *self._names()))
        if action is None or action.button_of != kind or not is_there or payload != PRESS.encode():
            return None
        return Request(name, {argument.name: id_ for argument in action.arguments if argument.name == kind})

    def _asked(self, action: str, message: Message) -> Request | None:
        given = text_values(message.payload)
        if given is None:
            return None
        reply_to = given.pop("reply_to", message.reply_to)
        correlation = given.pop("correlation", "")
        is_fit = len(correlation) <= _LONGEST_CORRELATION and len(message.correlation) <= _LONGEST_CORRELATION
        if not is_fit or (reply_to and not self._topics.may_reply(reply_to)):
            return None
        return Request(action, given, reply_to, correlation, message.correlation)

    def _drop(self, message: Message) -> None:
        self.dropped += 1
        if self.dropped == 1:
            _LOG.warning("a message on %r was no command of ours; such are dropped and counted", message.topic[:100])


def text_values(payload: bytes) -> dict[str, str] | None:
    """Return a JSON object whose values are all text; nothing at all is an empty one; `None` for anything else."""
    if not payload:
        return {}
    try:
        read: object = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict) or not all(isinstance(value, str) for value in read.values()):
        return None
    return {str(name): str(value) for name, value in read.items()}
