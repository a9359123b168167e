package io.lorashear.checkpoint.gguf.architecture;

/** The position of a Hugging Face row in a GGUF tensor; both count from 0. */
@FunctionalInterface
public interface RowOrder {
  RowOrder AS_STORED = row -> row;

  /** The stored row that is row {@code row}. */
  long stored(long row);

  /**
   * llama.cpp's rotary embedding pairs adjacent rows, Hugging Face's the two halves of a head.
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

  /**
   * llama.cpp stores all queries, then all keys, then all values; GPT-NeoX stores them head by
   * head.
   *
   * <pre>
   *   Hugging Face   h·3D + p·D + i        p in {q, k, v}, H heads, i in [0, D)
   *   GGUF           p·HD + h·D + i
   * </pre>
   */
  static RowOrder headByHead(long heads, long headDimension) {
    return row -> {
      long head = row / (3 * headDimension);
      long part = row / headDimension % 3;
      return (part * heads + head) * headDimension + row % headDimension;
    };
  }
}
