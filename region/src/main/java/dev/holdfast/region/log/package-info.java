/**
 * The region's durable log between ingest and workers: {@link dev.holdfast.region.log.Log} says
 * what it promises, {@link dev.holdfast.region.log.RocketLog} keeps it on RocketMQ, and {@link
 * dev.holdfast.region.log.BrokerProcess} runs a broker where nobody else does.
 */
@NullMarked
package dev.holdfast.region.log;

import org.jspecify.annotations.NullMarked;
