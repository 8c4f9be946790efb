package dev.holdfast.core.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.Batch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The JVM's half; {@code web/core} holds the same files against the ES module. */
final class GoldenVectorsTest {
    private static final List<String> JSON =
            List.of(
                    "null",
                    "true",
                    "false",
                    "0",
                    "-0.0",
                    "23",
                    "24",
                    "-25",
                    "255",
                    "256",
                    "65536",
                    "4294967296",
                    "9007199254740992",
                    "9007199254740993",
                    "9223372036854775807",
                    "-9223372036854775808",
                    "1.0",
                    "1.5",
                    "0.1",
                    "-4.1",
                    "65504.5",
                    "5.960464477539063e-8",
                    "6.103515625e-5",
                    "1e-45",
                    "3.4028234663852886e38",
                    "3.5e38",
                    "1e23",
                    "1e300",
                    "5e-324",
                    "1.7976931348623157e308",
                    "\"\"",
                    "\"Amina Yusuf\"",
                    "\"é€😀 \\u0000 \\\" \\\\ \\n\"",
                    "{\"$bytes\":\"00ff80\"}",
                    "{\"$$bytes\":\"text\"}",
                    "[{\"$$$bytes\":\"00ff80\"}]",
                    "[]",
                    "[1,[2,[3,[]]]]",
                    "{}",
                    "{\"b\":1,\"a\":2,\"aa\":3,\"é\":4,\"😀\":5,\"\uffff\":6,\"\":7}",
                    "{\"name\":\"Zoë\",\"vitals\":{\"systolic\":120,\"temperature\":36.6},\"allergies\":[\"latex\"]}");

    private static final List<String> MALFORMED_CBOR =
            List.of(
                    "",
                    "1800",
                    "1817",
                    "190017",
                    "1a0000ffff",
                    "1b00000000ffffffff",
                    "1bffffffffffffffff",
                    "1c",
                    "1f",
                    "3bffffffffffffffff",
                    "40ff",
                    "41",
                    "5f",
                    "61ff",
                    "62c080",
                    "63eda080",
                    "64f4908080",
                    "81",
                    "9f",
                    "9affffffff",
                    "a2616101616102",
                    "a2616201616102",
                    "a10101",
                    "bf",
                    "c001",
                    "e0",
                    "f7",
                    "f97e00",
                    "f97c00",
                    "f90000",
                    "f93c00",
                    "fa7f800000",
                    "fa3fc00000",
                    "fb3ff8000000000000",
                    "fb7ff0000000000000",
                    "fb3ff1999980000000",
                    "ff",
                    "f6f6",
                    "8181818181818181818181818181818181818181818181818181818181818181818100");

    @Test
    void values_have_the_bytes_they_always_had() throws IOException {
        List<Value> vectors = new ArrayList<>();
        for (String json : JSON) {
            Value value = Json.parse(json);
            Bytes cbor = CborWriter.encode(value);
            assertThat(CborReader.decode(cbor)).isEqualTo(value);
            vectors.add(
                    GoldenFile.vector(
                            "json", json, "cbor", cbor.hex(), "sha256", Sha256.of(cbor).hex()));
        }
        GoldenFile.mustBe("values.json", vectors);
    }

    @Test
    void bytes_that_no_writer_writes_are_refused() throws IOException {
        List<Value> vectors = new ArrayList<>();
        for (String cbor : MALFORMED_CBOR) {
            assertThatThrownBy(() -> CborReader.decode(Bytes.fromHex(cbor)), cbor)
                    .isInstanceOf(MalformedException.class);
            vectors.add(GoldenFile.vector("cbor", cbor));
        }
        GoldenFile.mustBe("malformed.json", vectors);
    }

    @Test
    void batches_have_the_bytes_and_hashes_they_always_had() throws IOException {
        List<Value> vectors = new ArrayList<>();
        for (Batch batch : batches(1, 24)) {
            assertThat(Batch.decode(batch.encoded())).isEqualTo(batch);
            vectors.add(
                    GoldenFile.vector(
                            "batch",
                            batch.encoded().hex(),
                            "hash",
                            batch.hash().hex(),
                            "signed",
                            Batch.draft(batch.body()).signedText().hex()));
        }
        GoldenFile.mustBe("batches.json", vectors);
    }

    @Test
    void batches_in_any_order_make_the_documents_they_always_made() throws IOException {
        List<Value> vectors = new ArrayList<>();
        for (int seed = 1; seed <= 8; seed++) {
            List<Batch> delivered = new ArrayList<>(batches(seed, 16));
            delivered.addAll(delivered.subList(0, delivered.size() / 4));
            Collections.shuffle(delivered, new Random(seed));
            ScopeReplay replay = new ScopeReplay();
            delivered.forEach(replay::apply);

            List<Value> documents = new ArrayList<>();
            replay.documents.forEach((id, document) ->
                    documents.add(
                            GoldenFile.vector(
                                    "collection",
                                    id.collection(),
                                    "id",
                                    id.id(),
                                    "state",
                                    document.encoded().hex())));
            List<String> batches = delivered.stream().map(batch -> batch.encoded().hex()).toList();
            vectors.add(
                    GoldenFile.vector(
                            "seed",
                            seed,
                            "batches",
                            batches,
                            "context",
                            replay.context.encoded().hex(),
                            "documents",
                            documents));
        }
        GoldenFile.mustBe("merges.json", vectors);
    }

    /** What three authors write, who now and then hear of each other. */
    private static List<Batch> batches(int seed, int count) {
        Random random = new Random(seed);
        List<RandomAuthor> authors =
                List.of(
                        new RandomAuthor(1, random),
                        new RandomAuthor(2, random),
                        new RandomAuthor(3, random));
        List<Batch> written = new ArrayList<>();
        while (written.size() < count) {
            RandomAuthor author = authors.get(random.nextInt(authors.size()));
            written.forEach(batch -> {
                if (random.nextInt(3) == 0) author.receive(batch);
            });
            written.add(author.write());
        }
        return written;
    }
}
