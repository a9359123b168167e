/**
 * In: what a stage measures while it works. Out: a file of JSON lines beside its output, to which
 * lines are only ever appended, and if asked for TensorBoard's event files; and what such a file
 * says. No section of a paper.
 */
@NullMarked
package io.lorashear.metrics;

import org.jspecify.annotations.NullMarked;
