package io.lorashear.checkpoint.gguf;

import io.lorashear.checkpoint.MappedFile;
import io.lorashear.checkpoint.gguf.architecture.Part;
import java.nio.ByteBuffer;

/** Bytes of a Hugging Face tensor in a GGUF file; stateless between calls. */
interface TensorBytes {

  /** Fills {@code target}, little-endian, with the tensor's bytes from {@code offset} on. */
  void read(long offset, ByteBuffer target);

  static TensorBytes of(MappedFile file, Part part) {
    return part.transposed() ? new TransposedTensor(file, part) : new TensorRows(file, part);
  }
}
