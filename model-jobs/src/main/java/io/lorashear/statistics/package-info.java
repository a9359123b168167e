/**
 * In: numbers of the same things under two models. Out: how sure a difference is: intervals by
 * bootstrap (Efron 1979), exact tests of pairs (McNemar 1947), corrected for many comparisons (Holm
 * 1979).
 */
@NullMarked
package io.lorashear.statistics;

import org.jspecify.annotations.NullMarked;
