/** Real processes of a drill: started, listened to, killed, never left behind. */
@NullMarked
package dev.holdfast.drill.process;

import org.jspecify.annotations.NullMarked;
