"""The least a server can do: one short answer."""


def application(environ, start_response):  # noqa: ANN001, ANN201, ARG001
    body = b"ok"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
