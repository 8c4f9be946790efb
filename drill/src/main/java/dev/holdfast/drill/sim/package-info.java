/**
 * The simulator: the real protocol machines, merge, store logic, ingest and worker, on virtual time
 * and seeded chance. Only network, disk, clocks and signatures are made up.
 */
@NullMarked
package dev.holdfast.drill.sim;

import org.jspecify.annotations.NullMarked;
