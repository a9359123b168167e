/**
 * Computes what a stage will need, before it runs. In: a model's graph and the stage's settings.
 * Out: its memory part by part, its operations and, with a benchmark's figures, its time, and the
 * settings that make it fit a smaller device. No weight is read.
 */
@NullMarked
package io.lorashear.plan;

import org.jspecify.annotations.NullMarked;
