package dev.holdfast.core.merge;

import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Hlc;

/**
 * What one operation left standing at a key.
 *
 * @param hlc the reading its author signed: decides what a later edit replaces
 * @param shown the reading after clock corrections (the least wins): decides which of several is
 *     shown
 */
public record Entry(Hlc hlc, Hlc shown, Value payload) {}
