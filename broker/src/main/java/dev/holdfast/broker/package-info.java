/**
 * RocketMQ's name server and broker, made to run as somebody's child: one process, loopback only,
 * flushed before every acknowledgement, gone when its parent is gone.
 */
@NullMarked
package dev.holdfast.broker;

import org.jspecify.annotations.NullMarked;
