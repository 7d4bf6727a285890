"""What went wrong with a request, and the answer that says so, never with a stack or a path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, request
from werkzeug.exceptions import HTTPException

from index.errors import (
    ClusterFault,
    IndexDamaged,
    IndexFault,
    IndexMissing,
    ParameterError,
    UnlikelyRemoval,
)
from index.log import get_logger
from search.web.context import (
    HTML,
    JSON,
    current_state,
    has_own_templates,
    in_language,
    is_for,
    page_address,
    prefers,
    render,
    reply,
    visitor_wording,
)
from search.web.headers import PAGE_HEADERS
from search.web.markdown import MARKDOWN
from search.web.parameters import typed_words
from search.web.presentation import blank_page

__all__ = ["Problem", "problem", "problem_of"]

logger = get_logger(__name__)

TYPES = {409: "unavailable", 500: "internal", 503: "unavailable"}
"""The types of problems by their status; that of all others is `invalid_request`."""

FAULTS = {IndexMissing: "index_missing", IndexDamaged: "index_damaged", ClusterFault: "cluster_unavailable"}
UNAVAILABLE = "index_unavailable"
"""The code of any other fault of the index, and of what the system refuses."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong: the HTTP status, a code for programs, a sentence for the visitor, and what that tells of."""

    status: int
    code: str
    message: str
    params: Mapping[str, str | int]

    def answer(self) -> Response:
        """The problem in the frame of the results page, there and for people who follow a wrong link; else as JSON."""
        say, lost = visitor_wording(), self.status == 404
        if not (prefers(HTML, JSON) if lost else is_for("results") and not prefers(MARKDOWN, HTML)):
            kind = TYPES.get(self.status, "invalid_request")
            content = {"message": self.message, "code": self.code, "type": kind, "params": self.params}
            answer = reply(content, self.status)
        else:
            try:
                again, words = self.status >= 500, typed_words(request.query_string)
                told, name = say("failed") if again else self.message, current_state().settings.site_name
                page = blank_page(words, page_address(), say, name, problem=told, again=again)
                answer = render("results.html", say, self.status, page=page, folder="")
                answer.headers.update(PAGE_HEADERS if has_own_templates() else {})
            except Exception:  # where templates of the host's, or the system, are what failed
                logger.exception("the page that tells what went wrong failed as well")
                answer = Response(self.message, self.status, mimetype="text/plain")
        answer.headers["Cache-Control"] = "no-store"
        if lost:
            answer.vary.add("Accept")
        if self.status == 503:
            answer.headers["Retry-After"] = "5"
        return in_language(answer, say)


def problem(status: int, code: str, /, **params: str | int) -> Problem:
    """The problem of this code, which is also the name of its sentence."""
    return Problem(status, code, visitor_wording()(code, **params), params)


def problem_of(error: Exception) -> Problem:
    """What is wrong with a request that ended in this error; what is not the asker's doing is logged."""
    match error:
        case ParameterError():
            message = visitor_wording()(error.sentence, **error.params) if error.sentence else error.message
            return Problem(400, error.code, message, error.params)
        case HTTPException():  # of a body that breaks off, or is larger than the host takes
            return problem(error.code or 400, "unreadable_request")
        case UnlikelyRemoval():
            return problem(409, "unlikely_removal", gone=error.gone, posts=error.posts)
    # An error of the system has a number; jinja's TemplateNotFound, an OSError by name, has none and is a bug.
    refused = isinstance(error, OSError) and error.errno is not None
    if not refused and not isinstance(error, IndexMissing):
        current_state().service.searcher.suspect(error)
    if not refused and not isinstance(error, IndexFault):
        logger.error("a search failed", exc_info=error)
        return problem(500, "internal_error")
    code = next((code for kind, code in FAULTS.items() if isinstance(error, kind)), UNAVAILABLE)
    if current_state().is_news(code):
        traced = refused or (error.__cause__ and not isinstance(error, ClusterFault))
        logger.warning("the index can't answer: %s", error, exc_info=error if traced else None)
    return problem(503, code)
