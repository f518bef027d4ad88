"""List what nobody has observed of the live server, and what the fake does there.

Refusals carry their own evidence, so theirs is read off their registry; everything else of the kind
has a row in `CHOICES`, and no other place lists any.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..eras import CHANGES
from .registry import all_refusals


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that nobody has observed, and what the fake does there."""

    question: str
    behaviour: str


CHOICES: tuple[Choice, ...] = (
    Choice(
        "the preflight of a browser: status, other headers than the measured ones",
        "200 with what is granted; 403 without for api-revision and for any other header",
    ),
    Choice("a second delete", "404, as for any id that is unknown"),
    Choice("two children of one parent", "both continue it"),
    Choice("a child of a failed or a cancelled parent", "it continues what the parent has"),
    Choice("store=false beside previous_interaction_id", "the chain is read, nothing is kept"),
    Choice(
        "the status of an unstored turn that calls functions",
        "requires_action, as if stored; two streams of 3.7-flash on 2026-08-21 said completed",
    ),
    Choice(
        "the answer to an unstored input whose content is a bare string",
        "it has an id, which the quickstart's REST samples need; no other unstored answer has one",
    ),
    Choice(
        "what the parts of an event's id mean (v1_ and base64 of a number, a kind, a number)",
        "its place in the stream, its type, a number of the interaction's own",
    ),
    Choice("where event ids are", "in background and GET streams, not in others"),
    Choice("the stream of a run that is complete", "replayed whole, or from last_event_id on"),
    Choice(
        "the stream of a run that was cancelled",
        "what any stream sent before the cancel, a stop for a step that was open, then the end",
    ),
    Choice("last_event_id without stream=true", "ignored, though documented for streams alone"),
    Choice("a stream whose interaction is deleted under it", "an error event, and no [DONE]"),
    Choice("token counts", "estimated from the text; their sums are right"),
    Choice(
        "raw_prompt_token of gemini-4, and counts by call of the model but with code execution",
        "the first is there as with 3.x, the second are not",
    ),
    Choice(
        "what a streamed step.start of a built-in tool has, apart from code execution",
        "no empty signature",
    ),
    Choice("which of several faults of one request is answered", "by layer, then by place"),
    Choice(
        "continuation: the form of its tokens, and a checkpoint between two steps of a hop",
        "as google-genai 3.4.0 reads them; nobody captured a hop",
    ),
    Choice(
        "a next turn on an answer that requires continuation",
        "it continues what was sent so far",
    ),
    Choice(
        "the refusal of a streamed request with any status",
        "one SSE frame, as recorded for 400 and reported for 429",
    ),
    Choice(
        "bodies of 500, 503 and of blocked content",
        "the code that is documented, in words of our own",
    ),
    Choice(
        "signatures that the fake never sent",
        "taken where they could be the live server's: base64 of protobuf records",
    ),
    Choice(
        "edited words, steps that were left out, and joined branches, in a signed history",
        "taken; calls, their order and that of the turns must be as they were",
    ),
    Choice(
        "built-in tools beside functions",
        "taken by every model; the fault tools_not_mixed refuses them as in July 2026",
    ),
    Choice("remote MCP servers for Gemini 3", "taken, though one page says that it is not"),
    Choice(
        "the steps of the built-in tools, apart from search and code execution",
        "a call, its result and citations, in documented forms; see model/tools",
    ),
    Choice(
        "the steps of the agents: a plan of Deep Research, the sandbox of Antigravity, CodeMender",
        "see model/agents; only the shape of a finished Deep Research report was measured",
    ),
    Choice(
        "a budget that an agent has spent (max_total_tokens)",
        "incomplete, as documented now; the SDK's comment says budget_exceeded",
    ),
    Choice("an environment id that the fake never made", "taken as one that exists"),
    Choice(
        "an agent with a sandbox, asked without an environment",
        "it gets one; measured to be refused, in words that nobody wrote down",
    ),
    Choice(
        "the status idle (google-genai 3.5.0)",
        "never made; what a script fixes to it has ended, and checks let it stand anywhere",
    ),
    Choice(
        "an MCP server whose tools are deferred, an environment on a machine of one's own",
        "taken, and answered as any other",
    ),
    Choice(
        "whether SERVICE_DISABLED and BILLING_DISABLED come in an array, as a bad key does",
        "they do, in words of our own (the faults api_disabled and billing_disabled)",
    ),
    Choice(
        "a client that closes its side of the connection behind its request",
        "it gets the whole answer; where nothing is sent for two seconds, it counts as gone",
    ),
    Choice(
        "a body beyond 128 MiB, or 256 MiB unpacked, and a head beyond about 1 MiB",
        "400 in words of our own; what a create may have is a refusal, large body",
    ),
    Choice("a slash at the end of a path", "the same path without it"),
    Choice("a request whose body is packed (content-encoding)", "unpacked, and taken as any other"),
    Choice("API keys", "any key, or none, is taken; the fault invalid_key refuses one"),
)
"""Every choice that is no refusal."""


def unverified_lines() -> Iterator[str]:
    """Yield the lines that `fakegemini serve --explain` prints."""
    yield "Nobody has observed what follows; fakegemini does what seems likeliest."
    yield "Refusals marked x-fakegemini-evidence: X, in status or in words:"
    yield from (
        f"  {row.name}: {row.when} {row.source}" for row in all_refusals() if row.evidence == "X"
    )
    yield "Behaviour:"
    yield from (f"  {choice.question}: {choice.behaviour}" for choice in CHOICES)
    yield "Known to have changed (serve --era, Fake(era=…)):"
    yield from (
        f"  {', '.join(sorted(change.eras))}: {change.sentence} ({change.evidence})"
        for change in CHANGES
    )
