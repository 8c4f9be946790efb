/**
 * The replica store on SQLite: what a device or an edge keeps of its scopes, whatever is killed.
 */
@NullMarked
package dev.holdfast.store;

import org.jspecify.annotations.NullMarked;
