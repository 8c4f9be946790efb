/**
 * The data of a clinic, made up from a seed: patients, their vitals, visits and notes. The one data
 * set of drills and benches.
 */
@NullMarked
package dev.holdfast.drill.clinic;

import org.jspecify.annotations.NullMarked;
