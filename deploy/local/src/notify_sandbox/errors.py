"""The errors Notify answers with, each a class and a status a client may act on."""

import msgspec


class NotifyError(Exception):
    """One refusal in Notify's words: HTTP status, error class and the sentences that explain it."""

    def __init__(self, status: int, error: str, *messages: str) -> None:
        super().__init__(error, *messages)
        self.status = status
        self.error = error
        self.messages = messages

    def body(self) -> bytes:
        """The JSON document Notify sends: `{"errors": [...], "status_code": ...}`."""
        errors = [{"error": self.error, "message": message} for message in self.messages]
        return msgspec.json.encode({"errors": errors, "status_code": self.status})


def validation_error(*messages: str) -> NotifyError:
    """The body or the query does not have the shape the route asks for (400)."""
    return NotifyError(400, "ValidationError", *messages)


def bad_request(message: str) -> NotifyError:
    """The shape is right, but the service cannot do it (400)."""
    return NotifyError(400, "BadRequestError", message)


def auth_error(message: str, *, status: int = 403) -> NotifyError:
    """The token is missing (401) or not accepted (403)."""
    return NotifyError(status, "AuthError", message)


def no_result_found() -> NotifyError:
    """No notification or template has that id (404)."""
    return NotifyError(404, "NoResultFound", "No result found")


def rate_limit_exceeded(key_type: str) -> NotifyError:
    """More than 3,000 messages in a rolling minute (429): try again in a while."""
    limit = f"Exceeded rate limit for key type {key_type.upper()} of 3000 requests per 60 seconds"
    return NotifyError(429, "RateLimitError", limit)


def daily_limit_exceeded(kind: str) -> NotifyError:
    """The day's 250,000 messages are used up (429): nothing more until midnight UTC."""
    limit = f"Exceeded send limits ({kind}: 250000) for today"
    return NotifyError(429, "TooManyRequestsError", limit)


def internal_error() -> NotifyError:
    """Notify failed (500): whether the message was kept is unknown to the client."""
    return NotifyError(500, "Exception", "Internal server error")
