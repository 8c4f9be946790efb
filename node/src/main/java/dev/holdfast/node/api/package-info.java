/** The plain HTTP API of an edge or a region: documents as JSON, changes as pages or live. */
@NullMarked
package dev.holdfast.node.api;

import org.jspecify.annotations.NullMarked;
