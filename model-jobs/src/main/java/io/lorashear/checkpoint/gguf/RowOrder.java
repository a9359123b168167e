package io.lorashear.checkpoint.gguf;

/** Where a Hugging Face row lies in a GGUF tensor. */
@FunctionalInterface
interface RowOrder {
  RowOrder AS_STORED = row -> row;

  long stored(long row);

  /**
   * llama.cpp rotates neighbours, Hugging Face the two halves of a head.
   *
   * <pre>
   *   Hugging Face   h·D + s·D/2 + i        s in {0, 1}, i in [0, D/2)
   *   GGUF           h·D + 2·i + s
   * </pre>
   */
  static RowOrder interleaved(int headDimension) {
    int half = headDimension / 2;
    return row -> {
      long inHead = row % headDimension;
      return row - inHead + 2 * (inHead % half) + inHead / half;
    };
  }
}
