"""The loggers of all modules: whatever their messages hold, each is one line and steers no terminal.

Names of files and texts of posts come from anybody. They are escaped where a message enters the log, so that it does
not matter which handlers and formats the host has.
"""

from __future__ import annotations

import logging
import re

__all__ = ["counted", "escaped", "get_logger", "without_details"]

CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")

ADDRESS = re.compile(r"(?:,| at)? https?://\S*[^\s,:;)]")


def without_details(message: object) -> str:
    """How a message of ours begins, without addresses, and what follows in brackets or as advice: for anybody."""
    return re.split("[:;(]", ADDRESS.sub("", str(message)))[0].strip()


def escaped(text: str) -> str:
    """The line with escapes, such as `\\x1b`, for what would break it, steer a terminal or turn the text around."""
    return CONTROLS.sub(lambda control: ascii(control[0])[1:-1], text)


def counted(number: int, noun: str) -> str:
    """So many of them, in words: "1 post", "2 posts"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def get_logger(name: str) -> logging.Logger:
    """The logger of this name, with its messages escaped."""
    logger = logging.getLogger(name)
    logger.addFilter(keep_to_one_line)
    return logger


def keep_to_one_line(record: logging.LogRecord) -> bool:
    """Escape the message of a record; the lines of a trace are indented, so that none looks like a record."""
    message = record.getMessage()
    if (line := escaped(message)) != message:
        record.msg, record.args = line, ()
    if record.exc_info and not record.exc_text:
        trace = logging.Formatter().formatException(record.exc_info)
        record.exc_text = "\n".join(f"  {escaped(line)}" for line in trace.split("\n"))
    return True
