/**
 * Applies what is in the log: {@link dev.holdfast.region.worker.Worker} decides, without threads or
 * clocks, {@link dev.holdfast.region.worker.WorkerDriver} has them.
 */
@NullMarked
package dev.holdfast.region.worker;

import org.jspecify.annotations.NullMarked;
