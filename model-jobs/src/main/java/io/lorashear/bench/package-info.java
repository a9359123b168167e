/**
 * Measures speed and memory. In: a model and settings. Out: the speed of a workload compared with
 * the hardware limit, measured in one run.
 */
@NullMarked
package io.lorashear.bench;

import org.jspecify.annotations.NullMarked;
