/** A deployment's trust on the command line: its keys, the nodes' identities, and grants. */
@NullMarked
package dev.holdfast.cli.trust;

import org.jspecify.annotations.NullMarked;
