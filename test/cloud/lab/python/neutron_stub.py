"""The least that Nova takes for a network service while no server has a port: every collection is empty.

Usage: neutron_stub.py ADDRESS PORT
"""

import http.server
import json
import sys

VERSION = {'id': 'v2.0', 'status': 'CURRENT'}


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def answer(self):
        self.rfile.read(int(self.headers.get('content-length') or 0))
        path = self.path.split('?')[0].rstrip('/')
        name = path.split('/')[-1].replace('.json', '')
        if path == '':
            link = {'rel': 'self', 'href': 'http://%s/v2.0/' % self.headers.get('host')}
            self.send(200, {'versions': [{**VERSION, 'links': [link]}]})
        elif name == 'v2.0':
            self.send(200, {'resources': []})
        elif path.count('/') > 2:  # /v2.0/ports/ID
            self.send(404, {'NeutronError': {'type': 'NotFound', 'message': 'not found', 'detail': ''}})
        else:
            self.send(200, {name.replace('-', '_'): []})

    def send(self, status, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header('content-type', 'application/json')
        self.send_header('content-length', str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


class Stub(http.server.ThreadingHTTPServer):
    request_queue_size = 256


Stub((sys.argv[1], int(sys.argv[2])), Answer).serve_forever()
