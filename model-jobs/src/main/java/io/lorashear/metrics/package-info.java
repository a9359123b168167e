/**
 * Metrics of stages. In: the figures that a stage measures while it works. Out: an append-only file
 * of JSON lines next to its output, TensorBoard event files if asked for, and the parsed content of
 * such a file. No section of the paper.
 */
@NullMarked
package io.lorashear.metrics;

import org.jspecify.annotations.NullMarked;
