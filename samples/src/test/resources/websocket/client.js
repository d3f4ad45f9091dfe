'use strict';
// Talks to an echo through a gateway, over HTTP/1.1 or HTTP/2 (RFC 8441); exits with 0 when all came back and the close was clean.
const http2 = require('node:http2');
const assert = require('node:assert');
const crypto = require('node:crypto');
const WebSocket = require('ws');

const [mode, port] = process.argv.slice(2);
const messages = ['hello', crypto.randomBytes(1 << 20), 'again', crypto.randomBytes(70000)];

function fail(why) {
  console.error(why);
  process.exit(1);
}

function talk(socket, done) {
  let next = 0;
  const send = () => socket.send(messages[next]);
  socket.on('error', fail);
  socket.on('message', (data, isBinary) => {
    const sent = messages[next++];
    assert.strictEqual(isBinary, typeof sent !== 'string');
    assert.ok(Buffer.from(sent).equals(data), 'message ' + next + ' is not what was sent');
    if (next < messages.length) {
      send();
    } else {
      socket.ping('still there?');
    }
  });
  socket.on('pong', (data) => {
    assert.strictEqual(data.toString(), 'still there?');
    socket.close(1000, 'bye');
  });
  socket.on('close', (code, reason) => {
    assert.strictEqual(code, 1000);
    assert.strictEqual(reason.toString(), 'bye');
    console.log('all came back');
    done();
  });
  send();
}

if (mode === 'h1') {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/echo`, 'talk');
  socket.on('error', fail);
  socket.on('open', () => talk(socket, () => process.exit(0)));
} else {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  session.on('error', fail);
  session.on('remoteSettings', (settings) => {
    assert.ok(settings.enableConnectProtocol, 'the gateway does not offer extended CONNECT');
    const stream = session.request({
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':path': '/echo',
      'sec-websocket-version': '13',
      'sec-websocket-protocol': 'talk',
    }, { endStream: false });
    stream.on('error', fail);
    stream.on('response', (headers) => {
      assert.strictEqual(headers[':status'], 200);
      assert.strictEqual(headers['sec-websocket-protocol'], 'talk');
      const socket = new WebSocket(null, undefined, { closeTimeout: 10000 });
      socket._isServer = false; // the library takes a socket that it did not connect for one of a server
      socket.setSocket(stream, Buffer.alloc(0), { maxPayload: 1 << 24, allowSynchronousEvents: true });
      talk(socket, () => process.exit(0));
    });
  });
}
