/** The backbone on the command line: its topology, how it stands, and WireGuard in its place. */
@NullMarked
package dev.holdfast.cli.backbone;

import org.jspecify.annotations.NullMarked;
