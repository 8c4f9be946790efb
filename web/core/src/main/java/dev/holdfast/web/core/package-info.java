/** What {@code core} shows to JavaScript. Compiled by TeaVM to an ES module. */
@NullMarked
package dev.holdfast.web.core;

import org.jspecify.annotations.NullMarked;
