package io.lorashear.family;

import io.lorashear.graph.Value;

/** A part of a layer; blocks are built of blocks. */
interface Block {

  /** Writes it for the layer {@code at}: (B, T, hidden) to (B, T, hidden). */
  Value write(Layer at, Value x);
}
