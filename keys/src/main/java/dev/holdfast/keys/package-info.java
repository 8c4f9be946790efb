/**
 * Ed25519 keys on the JVM: made, kept in files, signed with, verified against; and the pinned CA.
 */
@NullMarked
package dev.holdfast.keys;

import org.jspecify.annotations.NullMarked;
