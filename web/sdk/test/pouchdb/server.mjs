// What npm run figures measures the SDK beside: PouchDB Server's express app over LevelDB, with records in a database
// named "clinic", and a page that has PouchDB. Says its port once all is there.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import expressPouchDb from 'express-pouchdb';
import PouchDB from 'pouchdb';
import { records } from '../records.mjs';

const [count] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'holdfast-pouchdb-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.on('SIGTERM', () => process.exit());

const Database = PouchDB.defaults({ prefix: `${folder}/` });
await new Database('clinic').bulkDocs(records(count).map(([id, fields]) => ({ _id: id, ...fields })));

const app = express();
app.get('/page', (request, response) => response.send('<!doctype html><script src="pouchdb.min.js"></script>'));
const library = createRequire(import.meta.url).resolve('pouchdb/dist/pouchdb.min.js');
app.get('/pouchdb.min.js', (request, response) => response.sendFile(library));
app.use('/', expressPouchDb(Database, { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: join(folder, 'log.txt') }));
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
