/**
 * Private links between the members of a signed topology. Each member probes its links, tells the
 * others, and takes the best living way to each of them; a relay carries bytes that it cannot read.
 *
 * <p>Two machines without threads: {@link dev.holdfast.node.backbone.Mesh} knows links and ways,
 * {@link dev.holdfast.node.backbone.Switch} carries streams along them. {@link
 * dev.holdfast.node.backbone.BackboneDriver} owns both and the sockets.
 */
@NullMarked
package dev.holdfast.node.backbone;

import org.jspecify.annotations.NullMarked;
