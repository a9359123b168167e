package io.lorashear.spark.source.instruction;

/** Thrown if a record has no instruction to train on. */
public final class NoInstruction extends Exception {
  private static final long serialVersionUID = 1;

  /** The reasons, with the names of the drop reasons. */
  public enum Why {
    /** No known form of instruction or conversation. */
    UNKNOWN_FORM,
    /** A question without a field for its answer, or the other way round. */
    NO_TEXT_FIELD,
    /** The question is white space. */
    NO_TEXT,
    /** There is no answer. */
    NO_RESPONSE,
    /** Turns do not alternate, or a system prompt follows the first question. */
    NOT_IN_TURN,
    /** The answer is marked as not to be learnt. */
    MARKED_BAD
  }

  private final Why why;
  private final String what;

  NoInstruction(Why why, String what) {
    super(what, null, false, false);
    this.why = why;
    this.what = what;
  }

  public Why why() {
    return why;
  }

  /** What was found, for the reader of a report; may be empty. */
  public String what() {
    return what;
  }
}
