/** Grants as a node meets them: decoded, verified once, remembered; and which are revoked. */
@NullMarked
package dev.holdfast.node.grants;

import org.jspecify.annotations.NullMarked;
