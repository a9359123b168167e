/**
 * What a stage will need, before it runs. In: a model's graph and the stage's settings. Out: its
 * memory part by part, its operations and with a bench's figures its time, and the settings by
 * which it fits a smaller device. No weight is read.
 */
@NullMarked
package io.lorashear.plan;

import org.jspecify.annotations.NullMarked;
