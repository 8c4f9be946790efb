package dev.holdfast.drill.rings;

/** Who can be killed or stopped: every process by itself, and the region with all that is its. */
public enum Victim {
    AMINA("amina"),
    BASHIR("bashir"),
    CHIDI("chidi"),
    EDGE("edge"),
    /** The region's own process: its broker and its PostgreSQL live on for a while without it. */
    REGION_ALONE("region-alone"),
    BROKER("broker"),
    DATABASE("database"),
    REGION("region");

    private final String word;

    Victim(String word) {
        this.word = word;
    }

    /** As it stands in reports; a device's is its name. */
    public String word() {
        return word;
    }
}
