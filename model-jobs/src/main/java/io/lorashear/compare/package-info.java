/**
 * Compares two models by published results of the same kind. Out: the differences, their confidence
 * intervals, and which of them are noise. Both must have answered the same questions, or scored the
 * same rows.
 */
@NullMarked
package io.lorashear.compare;

import org.jspecify.annotations.NullMarked;
