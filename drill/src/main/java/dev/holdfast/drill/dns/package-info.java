/** Steer's DNS beside other name servers, on the same zone. */
@NullMarked
package dev.holdfast.drill.dns;

import org.jspecify.annotations.NullMarked;
