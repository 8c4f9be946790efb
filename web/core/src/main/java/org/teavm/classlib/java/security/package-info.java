/** What TeaVM lacks of the JDK and core uses. */
@NullMarked
package org.teavm.classlib.java.security;

import org.jspecify.annotations.NullMarked;
