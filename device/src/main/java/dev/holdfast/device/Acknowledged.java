package dev.holdfast.device;

import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Span;

/**
 * Operations of this device that a node answers for.
 *
 * @param span which; earlier ones of it may have been told before
 * @param level how far they are known to have got now
 */
public record Acknowledged(String scope, Span span, Durability level) {}
