package io.lorashear.checkpoint.gguf.head;

/** Types of metadata values, in the order of GGUF's numbers for them. */
public enum ValueType {
  UINT8(0, 1),
  INT8(1, 1),
  UINT16(2, 2),
  INT16(3, 2),
  UINT32(4, 4),
  INT32(5, 4),
  FLOAT32(6, 4),
  BOOL(7, 1),
  STRING(8, 8),
  ARRAY(9, 12),
  UINT64(10, 8),
  INT64(11, 8),
  FLOAT64(12, 8);

  private final int id;
  private final int leastBytes;

  ValueType(int id, int leastBytes) {
    this.id = id;
    this.leastBytes = leastBytes;
  }

  /**
   * Minimum bytes of a value: for a text those of its length, for an array those of its type and
   * length.
   */
  int leastBytes() {
    return leastBytes;
  }

  int id() {
    return id;
  }

  boolean isSigned() {
    return this == INT8 || this == INT16 || this == INT32 || this == INT64;
  }

  boolean isWhole() {
    return isSigned() || this == UINT8 || this == UINT16 || this == UINT32 || this == UINT64;
  }
}
