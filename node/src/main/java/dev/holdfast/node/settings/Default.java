package dev.holdfast.node.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The value of a setting that is not in the file, written as it would stand there:
 * {@code @Default("30s") Duration probe}. An empty text stands for an empty list, map or nested
 * record of defaults.
 */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface Default {
    String value();
}
