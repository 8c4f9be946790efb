/**
 * The link from a replica store to the node above: it finds an endpoint, keeps a session, and falls
 * back where the network allows no session.
 */
@NullMarked
package dev.holdfast.store.link;

import org.jspecify.annotations.NullMarked;
