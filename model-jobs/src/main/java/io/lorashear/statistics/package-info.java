/**
 * Confidence of differences. In: paired figures of two models. Out: intervals by bootstrap (Efron
 * 1979) and exact paired tests (McNemar 1947), corrected for many comparisons (Holm 1979).
 */
@NullMarked
package io.lorashear.statistics;

import org.jspecify.annotations.NullMarked;
