package io.lorashear.evaluate;

/** A record that cannot become a question; the message is the reason under which it is counted. */
final class BadRecord extends RuntimeException {
  private static final long serialVersionUID = 1;

  BadRecord(String reason) {
    super(reason, null, false, false);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
