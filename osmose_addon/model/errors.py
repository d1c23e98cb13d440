"""The tree of errors: each carries a key and fields; the words for them live in `translations/`.

    OsmoseError
      ConfigError            the YAML cannot be used
      SourceError            a camera gives no picture
        SourceLostError        it does not answer, or went away
        SourceFrozenError      connected, but no picture comes any more
        SourceRefusedError     it answered, but does not let us in
        SourceUnusableError    it answers, but with nothing we can show
      MediaError             a media file cannot be used
      WorkerError            a child process ended before its time
      StoreError             bytes or rows could not be kept
      BrokerError            Home Assistant is not told over MQTT
        BrokerLostError        the broker does not answer, or went away
        BrokerRefusedError     it answered, but does not let us in
      FetchError             a web service gave no usable answer
      DeniedError            the right is missing
      NotFoundError          no such thing, or not for you (both in the same words)
      BusyError              not now: try again later
        PreparingError         it is being made, which takes a while
      RangeError             the bytes asked for are not there
      ArgumentError          an action got an argument it cannot use

Raise them where the fault is known, name it where it is met, show it once.
"""

from typing import ClassVar

Field = str | int | float

REGISTRY: dict[str, type["OsmoseError"]] = {}


class OsmoseError(Exception):
    """Anything that Osmose names in words to a person.

    `key` names the text `error.<key>` in the translations; `fields` fill its blanks. Fields never hold a secret.
    """

    key: ClassVar[str] = "internal"

    def __init__(self, **fields: Field) -> None:
        """Keep the fields that fill the blanks of the text."""
        super().__init__(self.key, fields)
        self.fields = fields

    def __init_subclass__(cls) -> None:
        """Make the error findable by its key, so that a worker's failure becomes the same error in the hub."""
        REGISTRY[cls.key] = cls

    def __str__(self) -> str:
        """Return the key and its fields, for logs."""
        told = ", ".join(f"{name}={value}" for name, value in self.fields.items())
        return f"{self.key} ({told})" if told else self.key


class ConfigError(OsmoseError):
    """The YAML file cannot be used; findings tell each place."""

    key = "config"


class SourceError(OsmoseError):
    """A camera gives no picture."""

    key = "source"


class SourceLostError(SourceError):
    """The camera does not answer, or its connection ended (every end of a live source is a fault)."""

    key = "source_lost"


class SourceFrozenError(SourceError):
    """The camera is connected, but no picture came for some seconds."""

    key = "source_frozen"


class SourceRefusedError(SourceError):
    """The camera answered, but does not let us in: wrong user name or password."""

    key = "source_refused"


class SourceUnusableError(SourceError):
    """The camera answers with nothing that can be shown, e.g. an unknown path or no video."""

    key = "source_unusable"


class MediaError(OsmoseError):
    """A media file cannot be used; field `reason` is a key below `media_reason.`."""

    key = "media"


class WorkerError(OsmoseError):
    """A child process ended before its time, by crash, limit or deadline."""

    key = "worker"


class StoreError(OsmoseError):
    """Bytes or rows could not be kept."""

    key = "store"


class BrokerError(OsmoseError):
    """Nothing can be told over MQTT now."""

    key = "broker"


class BrokerLostError(BrokerError):
    """The MQTT broker does not answer, or its connection ended; fields `host`, `port` and `reason`."""

    key = "broker_lost"


class BrokerRefusedError(BrokerError):
    """The MQTT broker answered, but does not let us in: wrong user name or password; fields `host` and `port`."""

    key = "broker_refused"


class FetchError(OsmoseError):
    """A web service gave no usable answer; fields `reason` and, if it answered at all, `status`."""

    key = "fetch"


class DeniedError(OsmoseError):
    """The right to do this is missing."""

    key = "denied"


class NotFoundError(OsmoseError):
    """No such thing, or not for the one who asks; both are said in the same words."""

    key = "not_found"


class BusyError(OsmoseError):
    """Not now: what is needed is not ready; field `retry_after_s` says when to ask again."""

    key = "busy"


class PreparingError(BusyError):
    """What is asked for is being made, or has to be first; fields `percent` (how far it is) and `retry_after_s`."""

    key = "preparing"


class RangeError(OsmoseError):
    """The range of bytes asked for lies behind the end, or holds nothing; field `size_bytes` is that of the whole."""

    key = "range"


class ArgumentError(OsmoseError):
    """An action got an argument it cannot use; fields `argument` and `reason`."""

    key = "argument"


def error_of(key: str, fields: dict[str, Field]) -> OsmoseError:
    """Return the error of that key; an unknown key becomes a plain `OsmoseError` that keeps the fields."""
    return REGISTRY.get(key, OsmoseError)(**fields)
