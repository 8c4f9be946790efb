/** One YAML file to one record, with every mistake named at once. */
@NullMarked
package dev.holdfast.node.settings;

import org.jspecify.annotations.NullMarked;
