"""Sending a plan: what ``of.push`` and ``PushPlan.push`` both end in. Checks what was asked, and chooses the way."""

from uuid import UUID

from occtoo_frames._api.asked import must_be_flags, must_be_source
from occtoo_frames._given import to_count, to_number
from occtoo_frames._push.plan import PushPlan
from occtoo_frames._push.report import PushReport
from occtoo_frames._push.shown import counted, problem_lines
from occtoo_frames._session.connection import Connection, current_connection
from occtoo_frames.exceptions import ConfigurationError, InvalidRowsError
from occtoo_frames.protocol.rules import is_guid
from occtoo_frames.typing import OnInvalid

_GUID = "0c6cbe1e-9d0e-4a57-a4b5-1cbb3a1f3f7e"


def send(
    plan: PushPlan,
    source: str,
    *,
    on_invalid: OnInvalid = "raise",
    changed_only: bool = False,
    mirror: bool = False,
    max_delete: float = 0.1,
    dry_run: bool = False,
    resume: bool = False,
    concurrency: int = 4,
    progress: bool | None = None,
    correlation_id: str | UUID | None = None,
    connection: Connection | None = None,
) -> PushReport:
    """The report of sending exactly ``plan`` to ``source``; arguments and errors as of ``push``."""
    # the database of journals is loaded by those who push
    from occtoo_frames._api.sending import Sending, foresee, send_all, send_changes

    must_be_source(source)
    must_be_flags(changed_only=changed_only, mirror=mirror, dry_run=dry_run, resume=resume, progress=progress)
    if on_invalid not in {"raise", "skip"}:
        raise ConfigurationError(f"on_invalid={on_invalid!r}: it is 'raise' or 'skip'")
    share = to_number(max_delete)
    if share is None or not 0 <= share <= 1:
        raise ConfigurationError(f"max_delete={max_delete!r}: it is a share between 0 and 1")
    concurrency = to_count(concurrency, "concurrency", 1)
    if isinstance(correlation_id, UUID):
        correlation_id = str(correlation_id)
    if correlation_id is not None and not (isinstance(correlation_id, str) and is_guid(correlation_id)):
        raise ConfigurationError(
            f"correlation_id={correlation_id!r}: the platform takes a GUID, such as {_GUID}; make one with "
            "str(uuid.uuid4()), and keep it beside whatever name you have for the run"
        )
    if on_invalid == "raise" and not plan.ok and not dry_run:
        raise InvalidRowsError(_refusal(plan), plan.problems)
    used = current_connection(connection)
    plan.check_unchanged()
    sending = Sending(used, source, concurrency, progress, correlation_id)
    brake = float(share) if mirror else None
    if dry_run:
        report = foresee(plan, sending, changed_only=changed_only, max_delete=brake)
    else:
        used.require("provider")
        if changed_only or mirror:
            report = send_changes(plan, sending, changed_only=changed_only or resume, max_delete=brake)
        else:
            report = send_all(plan, sending, resume=resume)
    report.keep_failed()
    return report


def _refusal(plan: PushPlan) -> str:
    invalid, rows = plan.counts["invalid"], counted(plan.counts["rows"], "row")
    return (
        f"{invalid:,} of {rows} {'has' if invalid == 1 else 'have'} problems; nothing was sent. Mend them (see "
        f".problems), or send the other rows with on_invalid='skip'.{problem_lines(plan.found)}"
    )
