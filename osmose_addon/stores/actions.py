"""Where interfaces ask for actions and services carry them out, without knowing one another."""

from collections.abc import Awaitable, Callable, Mapping

from osmose_addon.model.actions import ACTIONS, Action, Done
from osmose_addon.model.config import Right
from osmose_addon.model.errors import ArgumentError, BusyError, DeniedError, NotFoundError

Carrier = Callable[[Mapping[str, str]], Awaitable[Done]]
_LONGEST_ARGUMENT = 200


class Actions:
    """The desk between those who ask and those who do."""

    def __init__(self, on_done: Callable[[str, Mapping[str, str], str], Awaitable[None]] | None = None) -> None:
        """Tell `on_done(action, arguments, who)` after each action that changes something."""
        self._carriers: dict[str, Carrier] = {}
        self._on_done = on_done

    def carry(self, action: str, carrier: Carrier) -> None:
        """Have `carrier` do this action from now on.

        Raises: KeyError when the action is not declared.
        """
        self._carriers[ACTIONS[action].name] = carrier

    async def ask(self, name: str, arguments: Mapping[str, str], *, right: Right, who: str = "") -> Done:
        """Do an action and return what it gave.

        Raises: NotFoundError (no such action), DeniedError, ArgumentError, BusyError (nobody does it yet), and
        whatever its carrier raises.
        """
        action = _checked(name, arguments, right)
        carrier = self._carriers.get(name)
        if carrier is None:
            raise BusyError(retry_after_s=2)
        done = await carrier(arguments)
        if action.right is Right.MANAGE and self._on_done is not None:
            await self._on_done(name, arguments, who)
        return done


def _checked(name: str, arguments: Mapping[str, str], right: Right) -> Action:
    action = ACTIONS.get(name)
    if action is None:
        raise NotFoundError
    if action.right is Right.MANAGE and right is not Right.MANAGE:
        raise DeniedError
    known = {argument.name for argument in action.arguments}
    for argument in action.arguments:
        if argument.is_required and not arguments.get(argument.name):
            raise ArgumentError(argument=argument.name, reason="missing")
    for given, value in arguments.items():
        if given not in known:
            raise ArgumentError(argument=given, reason="unknown")
        if len(value) > _LONGEST_ARGUMENT:
            raise ArgumentError(argument=given, reason="too_long")
    return action
