/** What a node tells its operators, and who they are. */
@NullMarked
package dev.holdfast.node.console;

import org.jspecify.annotations.NullMarked;
