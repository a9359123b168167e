package io.lorashear.family;

import io.lorashear.graph.Value;

/** A part of a layer; a block may contain other blocks. */
interface Block {

  /** Writes the block for the layer {@code at}: (B, T, hidden) to (B, T, hidden). */
  Value write(Layer at, Value x);
}
