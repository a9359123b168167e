package io.lorashear.spark.source;

import java.nio.charset.StandardCharsets;

/**
 * A record that gave no document, and why.
 *
 * @param reason code of the reason, see {@link DropReason}
 * @param excerpt beginning of the dropped text, for the reader of the report; at most 120
 *     characters
 */
public record Dropped(
    String source, String id, String file, String position, String reason, String excerpt)
    implements Reading {
  private static final int EXCERPT = 120;

  static Dropped at(Place place, DropReason reason, String excerpt) {
    return new Dropped(
        place.source(),
        place.id(),
        place.file(),
        place.position(),
        reason.code(),
        excerpt(excerpt));
  }

  static Dropped at(Place place, DropReason reason, byte[] bytes) {
    var length = Math.min(bytes.length, EXCERPT);
    return at(place, reason, new String(bytes, 0, length, StandardCharsets.UTF_8));
  }

  /** The first 120 characters of {@code text}, in one line. */
  public static String excerpt(String text) {
    var end = Math.min(text.length(), EXCERPT);
    if (end > 0 && end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end).replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
  }
}
