package dev.holdfast.drill.clinic;

import dev.holdfast.core.Value;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.schema.Schema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * An endless day at a clinic: what nurses write, one document at a time, about 300 bytes an
 * operation on the wire before compression.
 *
 * <p>The same seed and number of patients give the same writes. Patients are shared by all seeds,
 * so that two writers with different seeds meet in the same records; vitals, visits and notes are
 * new documents, whose ids no two seeds share. Not thread-safe.
 */
public final class ClinicData {
    /** The counter of a patient's visits. */
    public static final String VISITS = "visits";

    /** The register of a patient that several nurses write; its concurrent values are conflicts. */
    public static final String PHONE = "phone";

    /** {@link #SCHEMA} as it stands in a file. */
    public static final String SCHEMA_JSON =
            """
            {"patients": {"fields": {"visits": {"kind": "counter"},
                                     "allergies": {"kind": "set"},
                                     "phone": {"show": "manual"}},
                          "indexes": ["name", "address.city"]},
             "vitals": {"indexes": ["patient"]},
             "visits": {"indexes": ["patient"]},
             "notes": {"indexes": ["patient"]}}
            """;

    public static final Schema SCHEMA = Schema.parse(SCHEMA_JSON);

    private static final int PATIENTS = 200;
    private static final Instant MORNING = Instant.parse("2026-03-02T06:00:00Z");

    private static final String[] GIVEN = {
        "Amina", "Bashir", "Chidi", "Dalia", "Emeka", "Farah", "Grace", "Hassan", "Ines", "Joseph",
        "Khadija", "Lwazi", "Maryam", "Nadir", "Olumide", "Parisa", "Rashid", "Sara", "Tendai",
                "Zahra"
    };
    private static final String[] FAMILY = {
        "Achieng", "Bello", "Dlamini", "El-Amin", "Farouk", "Haidari", "Ibrahim", "Juma", "Karimi",
        "Mensah", "Nkosi", "Okafor", "Rahimi", "Sesay", "Tadesse", "Wanjiru", "Yusuf", "Zulu"
    };
    private static final String[] CITIES = {
        "Kisumu", "Kano", "Herat", "Gondar", "Mwanza", "Bulawayo", "Taiz", "Kandahar", "Goma"
    };
    private static final String[] ALLERGIES = {
        "penicillin",
        "peanuts",
        "latex",
        "sulfonamides",
        "bee stings",
        "ibuprofen",
        "eggs",
        "iodine"
    };
    private final Random random;
    private final ClinicText text;
    private final String nurse;
    private final String author;
    private final int patients;
    private long made;

    /** Of a clinic with 200 patients. */
    public ClinicData(long seed) {
        this(seed, PATIENTS);
    }

    public ClinicData(long seed, int patients) {
        this.random = new Random(seed);
        this.text = new ClinicText(random);
        this.nurse = pick(GIVEN) + " " + pick(FAMILY);
        this.author = Long.toHexString(seed);
        this.patients = patients;
    }

    /** The document of patient {@code number}, from 1. */
    public static DocumentId patient(int number) {
        String digits = Integer.toString(number);
        return new DocumentId(
                "patients", "p" + "0".repeat(Math.max(0, 5 - digits.length())) + digits);
    }

    /** What is written next. */
    public ClinicWrite next() {
        made++;
        int kind = random.nextInt(100);
        if (kind < 45) return vitals();
        if (kind < 60) return visit();
        if (kind < 75) return anotherVisitCounted();
        if (kind < 83) return allergy();
        if (kind < 92) return note();
        return registration();
    }

    /** A new measurement. */
    public ClinicWrite vitals() {
        Map<String, Object> fields = entry();
        fields.put("systolic", 95 + random.nextInt(70));
        fields.put("diastolic", 55 + random.nextInt(45));
        fields.put("pulse", 52 + random.nextInt(60));
        fields.put("temperature", 36 + random.nextInt(40) / 10.0);
        fields.put("oxygen", 90 + random.nextInt(10));
        fields.put("weight", 450 + random.nextInt(500));
        fields.put("position", random.nextBoolean() ? "sitting" : "lying");
        fields.put("remark", text.sentence());
        return fresh("vitals", fields);
    }

    /** A new visit, with its reason. */
    public ClinicWrite visit() {
        Map<String, Object> fields = entry();
        fields.put("reason", text.reason());
        fields.put("triage", 1 + random.nextInt(5));
        fields.put("room", "room " + (1 + random.nextInt(9)));
        fields.put("plan", text.sentence() + " " + text.sentence());
        fields.put("minutes", 5 + random.nextInt(40));
        return fresh("visits", fields);
    }

    /** One or more visits more on a patient's counter, with the note of the last. */
    public ClinicWrite anotherVisitCounted() {
        return new ClinicWrite(
                anyPatient(),
                List.of(
                        new Change.Increment(VISITS, 1 + random.nextInt(3)),
                        put("last-visit.at", now()),
                        put("last-visit.by", nurse),
                        put("last-visit.reason", text.reason()),
                        put("last-visit.summary", text.sentence())));
    }

    public ClinicWrite allergy() {
        Value element = Value.of(pick(ALLERGIES));
        Change change =
                random.nextInt(4) == 0
                        ? new Change.Remove("allergies", element)
                        : new Change.Add("allergies", element);
        return new ClinicWrite(
                anyPatient(),
                List.of(
                        change,
                        put("allergies-checked.at", now()),
                        put("allergies-checked.by", nurse),
                        put("allergies-checked.how", text.sentence())));
    }

    public ClinicWrite note() {
        Map<String, Object> fields = entry();
        fields.put("text", text.sentence() + " " + text.sentence() + " " + text.sentence());
        return fresh("notes", fields);
    }

    /** A patient's particulars, as they are asked for again and again. */
    public ClinicWrite registration() {
        List<Change> changes = new ArrayList<>();
        changes.add(put("name", pick(GIVEN) + " " + pick(FAMILY)));
        changes.add(
                put(
                        "born",
                        (1930 + random.nextInt(95))
                                + "-"
                                + (10 + random.nextInt(3))
                                + "-"
                                + (10 + random.nextInt(19))));
        changes.add(
                put("address.street", (1 + random.nextInt(400)) + " " + pick(FAMILY) + " Road"));
        changes.add(put("address.city", pick(CITIES)));
        changes.add(put(PHONE, "+254 7" + (10_000_000 + random.nextInt(89_999_999))));
        changes.add(put("next-of-kin.name", pick(GIVEN) + " " + pick(FAMILY)));
        changes.add(put("next-of-kin.phone", "+254 7" + (10_000_000 + random.nextInt(89_999_999))));
        return new ClinicWrite(anyPatient(), changes);
    }

    private DocumentId anyPatient() {
        return patient(1 + random.nextInt(patients));
    }

    private Map<String, Object> entry() {
        Map<String, Object> fields = new TreeMap<>();
        fields.put("patient", anyPatient().id());
        fields.put("at", now());
        fields.put("by", nurse);
        return fields;
    }

    private ClinicWrite fresh(String collection, Map<String, Object> fields) {
        return new ClinicWrite(
                new DocumentId(collection, author + "-" + made),
                List.of(new Change.Put("", Value.from(fields))));
    }

    /** The clinic's own time: a write every twenty seconds. */
    private String now() {
        return MORNING.plusSeconds(20 * made).toString();
    }

    private String pick(String[] choice) {
        return choice[random.nextInt(choice.length)];
    }

    private static Change put(String path, Object value) {
        return new Change.Put(path, Value.from(value));
    }
}
