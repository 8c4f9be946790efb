import { connect, createServer } from 'node:net';

/** A way to a server on this machine, at a port of its own, that counts the bytes which come back. */
export class Wire {
  received = 0;
  #server;

  static async to(port) {
    const wire = new Wire();
    wire.#server = createServer((near) => {
      const far = connect(port, 'localhost');
      far.on('data', (data) => {
        wire.received += data.length;
      });
      near.pipe(far).pipe(near);
      for (const [one, other] of [[near, far], [far, near]]) one.on('error', () => other.destroy()).on('close', () => other.destroy());
    });
    await new Promise((resolve) => wire.#server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  get port() {
    return this.#server.address().port;
  }

  close() {
    this.#server.close();
  }
}
