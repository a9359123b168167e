/**
 * Depth pruning. In: a model's graph, rows, a budget in parameters. Out: which attentions, MLPs or
 * whole blocks are removed, the least influential first (ShortGPT, arXiv 2403.03853; 2406.15786 for
 * attentions and MLPs apart).
 */
@NullMarked
package io.lorashear.depth;

import org.jspecify.annotations.NullMarked;
