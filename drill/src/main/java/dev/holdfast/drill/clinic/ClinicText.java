package dev.holdfast.drill.clinic;

import java.util.Random;

/**
 * What nurses write in their own words. A sentence has about as much to say per letter as English
 * prose has (Shannon 1951: about one bit), so that what is stored and sent compresses neither
 * better nor worse than a real clinic's notes. Not thread-safe.
 */
final class ClinicText {
    private static final String[] SUBJECTS = {
        "Patient", "She", "He", "The child", "The mother", "The husband", "A neighbour", "The baby"
    };
    private static final String[] REPORTS = {
        "reports",
        "complains of",
        "has had",
        "denies",
        "again has",
        "was seen with",
        "describes",
        "came in with",
        "is worried about",
        "presented with"
    };
    private static final String[] SYMPTOMS = {
        "fever",
        "a dry cough",
        "chest pain",
        "nausea",
        "watery stool",
        "headache",
        "dizziness",
        "shortness of breath",
        "joint pain",
        "a rash",
        "poor sleep",
        "loss of appetite",
        "vomiting",
        "swollen ankles",
        "blurred vision",
        "a sore throat",
        "night sweats",
        "palpitations",
        "back pain",
        "burning on urination",
        "itching",
        "weight loss",
        "an open wound",
        "earache"
    };
    private static final String[] PLACES = {
        "left wrist",
        "right knee",
        "lower back",
        "abdomen",
        "left ear",
        "scalp",
        "right foot",
        "neck",
        "left shoulder",
        "chest",
        "right hand",
        "both legs",
        "left eye",
        "jaw",
        "hip"
    };
    private static final String[] UNITS = {"hours", "days", "nights", "weeks", "months"};
    private static final String[] DRUGS = {
        "paracetamol",
        "amoxicillin",
        "artemether",
        "metformin",
        "amlodipine",
        "ibuprofen",
        "zinc",
        "salbutamol",
        "ferrous sulphate",
        "doxycycline",
        "omeprazole",
        "enalapril",
        "cotrimoxazole",
        "mebendazole",
        "folic acid",
        "insulin",
        "furosemide",
        "ceftriaxone",
        "hydrocortisone"
    };
    private static final String[] TIMES = {
        "once a day",
        "twice a day",
        "three times a day",
        "at night",
        "with food",
        "when needed",
        "every six hours",
        "for five days",
        "before breakfast",
        "until the next visit"
    };
    private static final String[] FOLLOW_UPS = {
        "come back",
        "see the midwife",
        "have the blood checked",
        "be weighed again",
        "be called",
        "change the dressing",
        "collect the result",
        "repeat the test",
        "see the doctor",
        "bring the card",
        "be vaccinated",
        "go to the district hospital"
    };

    private final Random random;

    ClinicText(Random random) {
        this.random = random;
    }

    /** About sixty letters. */
    String sentence() {
        return switch (random.nextInt(6)) {
            case 0 ->
                    pick(SUBJECTS)
                            + " "
                            + pick(REPORTS)
                            + " "
                            + pick(SYMPTOMS)
                            + " and "
                            + pick(SYMPTOMS)
                            + " for "
                            + number(2, 14)
                            + " "
                            + pick(UNITS)
                            + ".";
            case 1 ->
                    "Gave "
                            + pick(DRUGS)
                            + " "
                            + 25 * number(1, 40)
                            + " mg "
                            + pick(TIMES)
                            + "; "
                            + pick(SYMPTOMS)
                            + (random.nextBoolean() ? " is better." : " unchanged.");
            case 2 ->
                    "Swelling of the "
                            + pick(PLACES)
                            + ", "
                            + number(1, 9)
                            + " by "
                            + number(1, 9)
                            + " cm, since "
                            + number(2, 12)
                            + " "
                            + pick(UNITS)
                            + ".";
            case 3 ->
                    "To "
                            + pick(FOLLOW_UPS)
                            + " in "
                            + number(2, 12)
                            + " "
                            + pick(UNITS)
                            + ", or at once with "
                            + pick(SYMPTOMS)
                            + ".";
            case 4 ->
                    "Wound at the "
                            + pick(PLACES)
                            + " cleaned, "
                            + number(2, 9)
                            + " stitches, "
                            + pick(DRUGS)
                            + " "
                            + pick(TIMES)
                            + ".";
            default ->
                    pick(SUBJECTS)
                            + " stopped "
                            + pick(DRUGS)
                            + " because of "
                            + pick(SYMPTOMS)
                            + "; now "
                            + pick(DRUGS)
                            + " "
                            + pick(TIMES)
                            + ".";
        };
    }

    /** Why somebody came, in three to eight words. */
    String reason() {
        return switch (random.nextInt(4)) {
            case 0 -> pick(SYMPTOMS) + " since " + number(2, 14) + " " + pick(UNITS);
            case 1 -> "to " + pick(FOLLOW_UPS);
            case 2 -> pick(SYMPTOMS) + " and pain in the " + pick(PLACES);
            default -> "more " + pick(DRUGS) + ", " + pick(SYMPTOMS);
        };
    }

    private int number(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    private String pick(String[] choice) {
        return choice[random.nextInt(choice.length)];
    }
}
