/** What a zones file says: lines of users, pools of endpoints, and zones with their records. */
@NullMarked
package dev.holdfast.steer.zone;

import org.jspecify.annotations.NullMarked;
