// The ES module against the same golden vectors as the JVM. Needs nothing but Node.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as core from '../../../target/js/holdfast-core.mjs';

const vectors = name =>
    JSON.parse(readFileSync(new URL(`../../../../../core/src/test/resources/vectors/${name}.json`, import.meta.url), 'utf8'));
const bytes = hex => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = octets => {
    assert.ok(octets instanceof Uint8Array, 'bytes come as a Uint8Array');
    return Buffer.from(octets).toString('hex');
};

// JSON as this language has it: whole numbers beyond 2^53 as BigInt, {"$bytes": hex} as bytes, {"$$bytes": …} as a map.
const revive = (_, value) => {
    const names = value?.constructor === Object ? Object.keys(value) : [];
    if (names.length !== 1 || !/^\$+bytes$/.test(names[0])) return value;
    if (names[0] !== '$bytes') return { [names[0].slice(1)]: value[names[0]] };
    return typeof value.$bytes === 'string' ? bytes(value.$bytes) : value;
};
const parse = json =>
    /^-?\d{16,}$/.test(json) && !Number.isSafeInteger(Number(json)) ? BigInt(json) : JSON.parse(json, revive);

test('a value has the same bytes and the same hash', () => {
    for (const { json, cbor, sha256 } of vectors('values')) {
        assert.equal(hex(core.encodeValue(parse(json))), cbor, json);
        assert.equal(hex(core.encodeValue(core.decodeValue(bytes(cbor)))), cbor, json);
        assert.equal(hex(core.sha256(bytes(cbor))), sha256, json);
    }
});

test('a value comes back as it was', () => {
    const value = JSON.parse('{"__proto__":{"a":1},"n":[1e23,-0.1,5e-324,null,true,"é😀"]}');
    assert.deepEqual(core.decodeValue(core.encodeValue(value)), value);
    assert.equal(core.decodeValue(core.encodeValue(-(2n ** 63n))), -(2n ** 63n));
});

test('a whole number within 2^53 is an integer, odd ones beyond 2^52 too', () => {
    for (const [number, cbor] of [[5034099555110881, '1b0011e27ca3bf0fe1'], [-(2 ** 52 + 1), '3b0010000000000000'], [2 ** 53 - 1, '1b001fffffffffffff']])
        assert.equal(hex(core.encodeValue(number)), cbor);
    assert.equal(hex(core.encodeValue(2 ** 52 - 0.5)), 'fb432fffffffffffff');
});

test('what no field can hold is refused', () => {
    for (const value of [undefined, NaN, Infinity, 2n ** 63n, () => 1, Symbol('s'), '\ud800', [undefined]]) {
        assert.throws(() => core.encodeValue(value), Error, String(value));
    }
    const endless = [];
    endless.push(endless);
    assert.throws(() => core.encodeValue(endless), /nested deeper/);
});

test('bytes that no writer writes are refused with a reason', () => {
    for (const { cbor } of vectors('malformed')) {
        assert.throws(() => core.decodeValue(bytes(cbor)), error => error instanceof Error && error.message.length > 5, cbor);
    }
});

test('a view into a larger buffer is read from where it starts', () => {
    const { cbor } = vectors('values').at(-1);
    const larger = bytes(`ffff${cbor}ff`);
    assert.equal(hex(core.encodeValue(core.decodeValue(larger.subarray(2, larger.length - 1)))), cbor);
});

test('a batch is read and written to the same bytes, with the same hash to sign', () => {
    for (const { batch, hash, signed } of vectors('batches')) {
        assert.equal(hex(core.batchRewritten(bytes(batch))), batch);
        assert.equal(hex(core.batchHash(bytes(batch))), hash);
        assert.equal(hex(core.batchSignedText(bytes(batch))), signed);
    }
});

test('a batch that was cut short is refused', () => {
    const { batch } = vectors('batches')[0];
    for (let length = 0; length < batch.length / 2; length += 7) {
        assert.throws(() => core.batchHash(bytes(batch.slice(0, 2 * length))), Error);
    }
});

test('batches in any order, some of them twice, make the same documents', () => {
    for (const { seed, batches, context, documents } of vectors('merges')) {
        const scope = new core.ScopeState('clinic-7');
        batches.forEach(batch => scope.apply(bytes(batch)));
        assert.equal(hex(scope.context()), context, `seed ${seed}`);
        assert.equal(scope.documentCount(), documents.length, `seed ${seed}`);
        for (const { collection, id, state } of documents) {
            assert.equal(hex(scope.document(collection, id)), state, `seed ${seed}, ${id}`);
        }
        assert.equal(scope.apply(bytes(batches[0])), 'duplicate');
    }
});

test('a batch of another scope is refused', () => {
    const { batch } = vectors('batches')[0];
    assert.throws(() => new core.ScopeState('clinic-8').apply(bytes(batch)), /another scope/);
});
