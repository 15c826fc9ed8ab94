"""What a form sends, who sent it, and where it may lead.

A route that takes one names its `Form` in its signature, with the permissions that open it. Its
fields are those of the API's own bodies, so what they accept is said once, in routes/fields.py.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar, get_args, get_origin
from urllib.parse import parse_qsl

from fastapi import Request, Security
from msgspec import Struct
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from models.access import Permission
from services.caller import Caller
from services.wording.catalogue import message

_MOST_FIELDS = 50
_PATH = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@%?-][A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_MISSING = message("This field is needed.")

M = TypeVar("M", bound=BaseModel)


class Faults(Exception):
    """What a form's fields lack: English sentences by their names, "" for the form as a whole."""

    def __init__(self, by_field: Mapping[str, str]) -> None:
        super().__init__(*by_field)
        self.by_field = by_field


class Form(Struct, frozen=True):
    """The fields as they were typed, and who sent them, with the form's own Idempotency-Key."""

    fields: Mapping[str, str]
    caller: Caller

    def read(self, model: type[M], **more: str) -> M:
        """What is asked for, of the fields that the model has and that were filled in, and `more`.

        Raises Faults.
        """
        fields = {info.alias or name: info for name, info in model.model_fields.items()}
        filled = {
            name: _typed(fields[name], told.strip())
            for name, told in {**self.fields, **more}.items()
            if name in fields and told.strip()
        }
        try:
            return model.model_validate(filled)
        except ValidationError as error:
            raise Faults(
                {
                    ".".join(map(str, fault["loc"])): _MISSING
                    if fault["type"] == "missing"
                    else fault["msg"]
                    for fault in error.errors(include_input=False, include_url=False)
                }
            ) from None


def _typed(field: FieldInfo, told: str) -> str | int | bool:
    """As JSON would have it: a form has texts alone."""
    named = (field.annotation, *get_args(field.annotation))
    kinds = {get_args(each)[0] if get_origin(each) is Annotated else each for each in named}
    if bool in kinds and told in ("true", "false"):
        return told == "true"
    if int in kinds and told.isascii() and told.isdigit():
        return int(told)
    return told


def sent(*permissions: Permission) -> Any:  # noqa: ANN401  # as FastAPI's
    """The form of a route that any of these opens: `form: Annotated[Form, sent(…)]`."""
    return Security(_form, scopes=[*permissions])


async def _form(request: Request) -> Form:
    fields: Mapping[str, str] = request.state.form
    key = fields.get("key", "")
    caller = Caller(
        principal=request.state.principal,
        request_id=request.state.request_id,
        idempotency_key=key if _KEY.fullmatch(key) else None,
    )
    return Form(fields, caller)


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields of a form; nothing of what is none."""
    try:
        text = (await request.body()).decode("ascii")
        return dict(
            parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
        )
    except ValueError:  # bytes that are no text, or too many fields
        return {}


def return_path(asked: str) -> str:
    """Where to go on: within this site, whatever is asked; else to its start.

    `//other.example` and `/\\other.example` lead browsers to other sites.
    """
    return asked if len(asked) <= 1000 and _PATH.fullmatch(asked) else "/"
