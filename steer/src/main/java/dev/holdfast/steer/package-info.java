/**
 * An authoritative DNS server that knows who is alive: it watches regions and edges, and answers
 * each line of users with those that work for them.
 */
@NullMarked
package dev.holdfast.steer;

import org.jspecify.annotations.NullMarked;
