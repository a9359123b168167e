package io.lorashear.spark.source.instruction;

/** A record gives no instruction to learn from. */
public final class NoInstruction extends Exception {
  private static final long serialVersionUID = 1;

  /** Why it gives none; the names are those of the reasons under which records are dropped. */
  public enum Why {
    /** No form of instruction or conversation that is known. */
    UNKNOWN_FORM,
    /** A question without a field for its answer, or the other way round. */
    NO_TEXT_FIELD,
    /** Nothing but white space is asked. */
    NO_TEXT,
    /** Nothing is answered. */
    NO_RESPONSE,
    /** Somebody speaks twice in a row, or the system after the first question. */
    NOT_IN_TURN,
    /** The answer is marked as one that is not to be learnt. */
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
