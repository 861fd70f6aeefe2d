"""Files in forms: what was uploaded is checked and held, so that it is kept like typed text when another field is wrong.

A form has a text field for each file; its value is the token of a held file. A page without script sends the file itself
in that field, a page with script has sent it before (`hold_file`) and sends the token.
"""

from dataclasses import dataclass, field
from typing import Any

from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile

from fairs.accounts.actor import Actor
from fairs.accounts.dependencies import caller_of
from fairs.core.errors import Invalid, TooMany
from fairs.core.forms import Bound
from fairs.core.i18n import N_
from fairs.files import services
from fairs.files.clamd import NotChecked
from fairs.files.inspection import RefusedFile
from fairs.files.rules import ACCEPTED, Accepted
from fairs.files.services import Held
from fairs.files.tables import Purpose


@dataclass(frozen=True)
class Upload:
    """A file field as its template shows it."""

    name: str
    purpose: Purpose
    held: Held | None = None

    @property
    def accepted(self) -> Accepted:
        return ACCEPTED[self.purpose]


def empty(**purposes: Purpose) -> dict[str, Upload]:
    """The file fields of a page that is opened."""
    return {name: Upload(name, purpose) for name, purpose in purposes.items()}


@dataclass
class Received:
    """A sent form: `data` to bind, with tokens in place of files; `uploads` for its page."""

    data: FormMultiDict
    uploads: dict[str, Upload]
    refused: dict[str, object] = field(default_factory=dict)

    def tell(self, form: Bound[Any]) -> None:
        """Show beside the fields why their files were refused; call after `bind`."""
        for name, message in self.refused.items():
            form[name].errors[:] = [message]


async def hold(request: Request[Any, Any, Any], purpose: Purpose, *, by: Actor | None) -> Held:
    """Check and hold the one file of a request. Raises TooMany, NotChecked, Invalid."""
    await services.allow_upload(by, caller_of(request, {}).site)
    upload = (await request.form()).get("file")
    if not isinstance(upload, UploadFile):
        raise Invalid(fields={"file": [N_("Please choose a file")]})
    try:
        return await services.receive(upload.file, upload.filename, purpose, by=by)
    except RefusedFile as refused:
        raise Invalid(refused.message, fields={"file": [refused.message]}) from refused
    finally:
        await upload.close()


async def receive(request: Request[Any, Any, Any], *, by: Actor | None, **purposes: Purpose) -> Received:
    """Read the form; check and hold the files in the named fields."""
    sent = await request.form()
    others = [(name, value) for name, value in sent.multi_items() if name not in purposes and isinstance(value, str)]
    found = Received(FormMultiDict(others), empty(**purposes))
    for name, purpose in purposes.items():
        values = sent.getall(name, [])
        files = [value for value in values if isinstance(value, UploadFile)]
        held = next((services.held_by(value, purpose) for value in values if isinstance(value, str) and value), None)
        for upload in files:
            try:
                await services.allow_upload(by, caller_of(request, {}).site)
                held = await services.receive(upload.file, upload.filename, purpose, by=by)
            except (RefusedFile, TooMany, NotChecked) as refused:
                found.refused[name] = refused.message
            finally:
                await upload.close()
        found.uploads[name] = Upload(name, purpose, held)
        others.append((name, held.token if held else ""))
    found.data = FormMultiDict(others)
    return found
