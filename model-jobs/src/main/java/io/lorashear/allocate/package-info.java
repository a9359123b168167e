/**
 * How much is removed from each axis: one width for each attention and MLP, by what narrowing it
 * alone costs. In: a dense model, the order in which the groups of each axis go, a budget. Out: the
 * number of groups that each axis loses. LoRAShear (arXiv 2310.18356) has no such step: its
 * Algorithm 3 only protects axes.
 */
@NullMarked
package io.lorashear.allocate;

import org.jspecify.annotations.NullMarked;
