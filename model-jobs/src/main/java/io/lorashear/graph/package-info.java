/**
 * The one description of a model: operators, parameters and axes, recorded while a family's forward
 * pass runs against a {@link io.lorashear.graph.GraphBuilder}. In: a family's calls. Out: a {@link
 * io.lorashear.graph.ModelGraph} in which every dimension is an axis expression. It is the
 * dependency graph of LoRAShear (arXiv 2310.18356, section 3.1).
 */
@NullMarked
package io.lorashear.graph;

import org.jspecify.annotations.NullMarked;
