/** DNS as it is spoken: packets in, answers out, over UDP and TCP. */
@NullMarked
package dev.holdfast.steer.dns;

import org.jspecify.annotations.NullMarked;
