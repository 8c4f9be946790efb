/** Grants as a node meets them: decoded, verified once, remembered. */
@NullMarked
package dev.holdfast.node.grants;

import org.jspecify.annotations.NullMarked;
