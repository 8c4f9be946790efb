@NullMarked
package dev.holdfast.store.link;

import org.jspecify.annotations.NullMarked;
