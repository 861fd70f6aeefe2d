"""The form of a webhook."""

from collections.abc import Sequence
from typing import Annotated

from fairs.core.fields import Choice
from fairs.core.forms import Field, Form
from fairs.core.i18n import N_
from fairs.core.services import SETTINGS
from fairs.events.event_field import event_field
from fairs.webhooks import rules
from fairs.webhooks.labels import topic_word
from fairs.webhooks.tables import Topic


def _topics() -> Sequence[Choice]:
    return [(topic.value, topic_word(topic), topic.value) for topic in Topic]


def _refusal(url: str) -> object | None:
    if rules.fits(url, loopback=SETTINGS().webhooks_loopback):
        return None
    return N_("Enter a complete https address, such as https://example.org/fairs, without a password in it.")


class WebhookForm(Form):
    """A webhook, new or changed."""

    name: Annotated[
        str,
        Field(N_("Name of the webhook"), help=N_("Which system is told, for you and your colleagues."), max_length=120),
    ]
    url: Annotated[
        str,
        Field(
            N_("Address to call"),
            help=N_("It gets a signed POST with JSON. Addresses inside a network are refused."),
            max_length=500,
            rule=_refusal,
            attrs={"inputmode": "url", "autocomplete": "off"},
        ),
    ]
    topics: Annotated[list[str], Field(N_("What is told"), widget="multiselect", choices=_topics)]
    event: Annotated[str, event_field()] = ""

    @property
    def wanted(self) -> list[Topic]:
        """The chosen topics."""
        return [Topic(topic) for topic in self.topics]
