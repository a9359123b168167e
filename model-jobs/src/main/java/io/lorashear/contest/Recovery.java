package io.lorashear.contest;

/** How much of LoRAShear's algorithm 5 every pruned model of a contest goes through. */
public enum Recovery {
  /** Nothing is trained after pruning. */
  NONE,
  /** One round on plain text: {@code recover}. */
  TEXT,
  /** One on instructions: {@code instruct}. */
  INSTRUCTIONS,
  /** Both, in this order. */
  TEXT_AND_INSTRUCTIONS;

  boolean text() {
    return this == TEXT || this == TEXT_AND_INSTRUCTIONS;
  }

  boolean instructions() {
    return this == INSTRUCTIONS || this == TEXT_AND_INSTRUCTIONS;
  }
}
