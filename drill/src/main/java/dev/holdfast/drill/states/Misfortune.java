package dev.holdfast.drill.states;

import dev.holdfast.drill.rings.RegionImage;

/** What befalls a device of its own while the story goes on, in four steps. */
sealed interface Misfortune permits RestoredBackup, ClonedDisk, FastClock {
    /** At the end of the normal day. */
    void begin() throws InterruptedException;

    /** While nobody reaches anybody. */
    void inTheDark() throws InterruptedException;

    /** After everything came back. */
    void afterwards() throws InterruptedException;

    /** Once all is quiet: what became of it, by what the region's database holds. */
    void judge(RegionImage region);
}
