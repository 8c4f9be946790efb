/**
 * The drill {@code states}: a clinic of real processes goes through the four states of the network,
 * is killed in the middle of each, and is then judged from what its stores hold.
 */
@NullMarked
package dev.holdfast.drill.states;

import org.jspecify.annotations.NullMarked;
