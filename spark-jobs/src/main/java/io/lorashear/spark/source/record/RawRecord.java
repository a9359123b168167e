package io.lorashear.spark.source.record;

/**
 * One record as stored in its file.
 *
 * @param position byte offset, item number, first line, or member name; empty for a whole file
 * @param bytes the record without its delimiter; only its beginning if it is too long
 */
@SuppressWarnings("ArrayRecordComponent") // passed on once and never compared
public record RawRecord(String position, byte[] bytes, State state) {
  /** How the record ended. */
  public enum State {
    /** Complete. */
    WHOLE,
    /** Apparently complete, but the file ended without the delimiter. */
    LAST,
    /** Longer than allowed; {@code bytes} has its beginning. */
    TOO_LONG,
    /** A link or device of an archive. */
    NOT_A_FILE
  }

  /** Bytes kept of a record that is too long. */
  static final int BEGINNING = 512;

  private static final int DIGITS = 10;

  static RawRecord numbered(long position, byte[] bytes, State state) {
    return new RawRecord(position(position), bytes, state);
  }

  /** The number of a record as its position: at least ten digits, so that names sort by number. */
  public static String position(long number) {
    var digits = Long.toString(number);
    return "0".repeat(Math.max(0, DIGITS - digits.length())) + digits;
  }
}
