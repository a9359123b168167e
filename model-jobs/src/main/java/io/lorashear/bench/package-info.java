/**
 * How fast and how large. In: a model and settings. Out: what a workload reaches compared with the
 * hardware limit, measured in one run.
 */
@NullMarked
package io.lorashear.bench;

import org.jspecify.annotations.NullMarked;
