"""A small server of the S3 protocol, at the network edge: objects in memory, parts, lists. It checks that calls are signed."""

import re
import threading
from datetime import UTC, datetime
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


class S3(ThreadingHTTPServer):
    """`objects`: path → content. `unsigned`: calls without a signature."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.unsigned = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: S3
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        return

    def _begin(self) -> tuple[str, dict[str, list[str]], bytes]:
        if not self.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 Credential=test/"):
            self.server.unsigned += 1
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        return unquote(parts.path), parse_qs(parts.query, keep_blank_values=True), body

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _tag(self, body: bytes) -> str:
        return f'"{md5(body, usedforsecurity=False).hexdigest()}"'

    def do_PUT(self) -> None:
        path, query, body = self._begin()
        if "uploadId" in query:
            self.server.parts[query["uploadId"][0]][int(query["partNumber"][0])] = body
        else:
            self.server.objects[path] = body
        self._answer(200, etag=self._tag(body))

    def do_POST(self) -> None:
        path, query, body = self._begin()
        if "delete" in query:
            keys = re.findall("<Key>(.*?)</Key>", body.decode())
            for key in keys:
                self.server.objects.pop(f"{path.rstrip('/')}/{key}", None)
            gone = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            self._answer(200, f"<DeleteResult>{gone}</DeleteResult>".encode())
        elif "uploads" in query:
            upload = f"u{len(self.server.parts)}"
            self.server.parts[upload] = {}
            self._answer(
                200,
                f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>".encode(),
            )
        else:
            found = self.server.parts[query["uploadId"][0]]
            self.server.objects[path] = b"".join(found[number] for number in sorted(found))
            self._answer(200, b"<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>")

    def do_GET(self) -> None:
        path, query, _ = self._begin()
        if "list-type" in query:
            self._list(path, query.get("prefix", [""])[0])
            return
        body = self.server.objects.get(path)
        if body is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        moment = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        self._answer(200, body, etag=self._tag(body), last_modified=moment)

    do_HEAD = do_GET

    def _list(self, bucket: str, prefix: str) -> None:
        begin = bucket.rstrip("/") + "/"
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{moment}</LastModified><ETag>x</ETag><Size>{len(body)}</Size></Contents>"
            for path, body in sorted(self.server.objects.items())
            if (key := re.sub(f"^{re.escape(begin)}", "", path)).startswith(prefix)
        )
        self._answer(200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>".encode())

    def do_DELETE(self) -> None:
        path, _, _ = self._begin()
        self.server.objects.pop(path, None)
        self._answer(204)
