/**
 * Writes a {@link io.lorashear.graph.ModelGraph} as TorchScript: forward, backward, and what a
 * model is asked for. In: a graph and how tokens stand. Out: the text of {@link
 * io.lorashear.torch.compile.ModelText}. No tensor and no engine is seen here.
 */
@NullMarked
package io.lorashear.torch.compile;

import org.jspecify.annotations.NullMarked;
