/**
 * Writes a {@link io.lorashear.graph.ModelGraph} as TorchScript: forward pass, backward pass, and
 * the methods that callers use. In: a graph and an arrangement of tokens. Out: the text of {@link
 * io.lorashear.torch.compile.ModelText}. Nothing here uses a tensor or the engine.
 */
@NullMarked
package io.lorashear.torch.compile;

import org.jspecify.annotations.NullMarked;
