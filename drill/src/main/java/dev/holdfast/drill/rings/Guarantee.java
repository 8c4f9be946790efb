package dev.holdfast.drill.rings;

/**
 * Something Holdfast promises, and whether it kept it in this run.
 *
 * @param figure what was counted, in words fit for a table
 */
record Guarantee(String name, boolean held, String figure) {}
