// Nodes as processes, for the tests of all parts.
import { createServer } from 'node:net';

/** Waits until a node that was spawned with its stderr in a pipe listens; ends it where it does not in time. */
export async function listening(node, name, patienceMillis) {
  let words = '';
  await new Promise((resolve, reject) => {
    const fail = () => {
      node.kill();
      reject(new Error(`${name} did not start:\n${words}`));
    };
    const timer = setTimeout(fail, patienceMillis);
    node.once('exit', fail);
    node.stderr.on('data', (data) => {
      words = (words + data).slice(-8000);
      if (!words.includes('listening at')) return;
      clearTimeout(timer);
      node.off('exit', fail);
      resolve();
    });
  });
}

/** One that nobody listens at now. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
