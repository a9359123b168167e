package io.lorashear.contest;

/** How much of LoRAShear's algorithm 5 runs on every pruned model of a contest. */
public enum Recovery {
  /** Nothing is trained after pruning. */
  NONE,
  /** One round on plain text: {@code recover}. */
  TEXT,
  /** One round on instructions: {@code instruct}. */
  INSTRUCTIONS,
  /** Both rounds, in this order. */
  TEXT_AND_INSTRUCTIONS;

  boolean text() {
    return this == TEXT || this == TEXT_AND_INSTRUCTIONS;
  }

  boolean instructions() {
    return this == INSTRUCTIONS || this == TEXT_AND_INSTRUCTIONS;
  }
}
