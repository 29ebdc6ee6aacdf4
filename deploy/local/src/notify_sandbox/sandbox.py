"""The parts of one running sandbox, put together once."""

from dataclasses import dataclass

from notify_sandbox.callbacks import Callbacks
from notify_sandbox.delivery import Delivery
from notify_sandbox.keys import DEFAULT_KEYS, ApiKey, KeyRing
from notify_sandbox.settings import Settings
from notify_sandbox.store import Store
from notify_sandbox.switches import Callback, Switches
from notify_sandbox.switches import Delivery as DeliverySwitch
from notify_sandbox.templates import OWN_CATALOGUE, Catalogue


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Everything the routes work with."""

    settings: Settings
    keys: KeyRing
    catalogue: Catalogue
    switches: Switches
    store: Store
    callbacks: Callbacks
    delivery: Delivery

    @classmethod
    def open(cls, settings: Settings) -> "Sandbox":
        """Read the state folder and put the parts together."""
        switches = Switches()
        reset_switches(switches, settings)
        store = Store(settings.state, keep=settings.keep)
        callbacks = Callbacks(store, switches)
        return cls(
            settings=settings,
            keys=KeyRing(_keys(settings)),
            catalogue=Catalogue.read(settings.templates or OWN_CATALOGUE),
            switches=switches,
            store=store,
            callbacks=callbacks,
            delivery=Delivery(store, switches, callbacks),
        )

    def reset_switches(self) -> None:
        """Put every switch back to where it stood at the start."""
        reset_switches(self.switches, self.settings)


def _keys(settings: Settings) -> list[ApiKey]:
    own = settings.api_key
    return [*DEFAULT_KEYS, *([ApiKey.parse(own.get_secret_value(), "live")] if own else [])]


def reset_switches(switches: Switches, settings: Settings) -> None:
    """Set the switches as the settings say: nothing fails, receipts go to the set callback."""
    fresh = Switches(
        callback=Callback(
            url=settings.callback_url,
            token=settings.callback_token,
            retry_seconds=settings.callback_retry_seconds,
        ),
        delivery=DeliverySwitch(delay_seconds=settings.delay_seconds),
    )
    for name in Switches.model_fields:
        setattr(switches, name, getattr(fresh, name))
