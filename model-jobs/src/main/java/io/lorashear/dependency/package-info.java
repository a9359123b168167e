/**
 * Finds which indices can be removed. In: a {@link io.lorashear.graph.ModelGraph}. Out: its
 * prunable axes, with the slices of the parameters that each index owns: the minimally removable
 * structures of LoRAShear (arXiv 2310.18356, section 3.1 and algorithm 2).
 */
@NullMarked
package io.lorashear.dependency;

import org.jspecify.annotations.NullMarked;
