package io.lorashear.spark.source.instruction;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Marks of bad answers: the label of a KTO data set, a thumbs-down. Scores do not count, because
 * their scale is unknown.
 */
final class Marks {
  /** Marks that are bad if false, 0 or a negative word. */
  private static final List<String> GOOD =
      List.of(
          "label",
          "kto_tag",
          "accepted",
          "is_accepted",
          "approved",
          "correct",
          "is_correct",
          "good",
          "is_good",
          "thumbs_up",
          "upvoted",
          "liked",
          "train",
          "training");

  /** Marks that are bad if true, 1 or a negative word. */
  private static final List<String> BAD =
      List.of("rejected", "is_rejected", "bad", "is_bad", "thumbs_down", "downvoted", "disliked");

  /** Marks that are bad if a negative word or less than 0. */
  private static final List<String> VERDICTS =
      List.of(
          "feedback",
          "user_feedback",
          "rating",
          "vote",
          "thumb",
          "thumbs",
          "reaction",
          "quality",
          "verdict",
          "status",
          "preference");

  private static final Set<String> WORDS =
      Set.of(
          "bad",
          "negative",
          "reject",
          "rejected",
          "thumbs_down",
          "thumbsdown",
          "thumb_down",
          "down",
          "downvote",
          "downvoted",
          "dislike",
          "disliked",
          "wrong",
          "incorrect",
          "undesirable",
          "👎");

  /** All fields with marks. */
  static final List<String> FIELDS = Stream.of(GOOD, BAD, VERDICTS).flatMap(List::stream).toList();

  private Marks() {}

  /** The first mark by which the answer is bad, in words. */
  static Optional<String> bad(NamedFields fields) {
    return FIELDS.stream()
        .filter(name -> isBad(name, fields.get(name)))
        .map(name -> "%s is %s".formatted(name, fields.get(name).asText()))
        .findFirst();
  }

  private static boolean isBad(String name, JsonNode mark) {
    if (mark.isObject()) {
      return VERDICTS.stream().anyMatch(inner -> isBad(inner, mark.path(inner)));
    } else if (BAD.contains(name)) {
      return mark.isBoolean() ? mark.booleanValue() : mark.isNumber() && mark.asDouble() > 0;
    } else if (mark.isTextual()) {
      return isBad(name, mark.textValue().strip().toLowerCase(Locale.ROOT));
    } else if (GOOD.contains(name)) {
      return mark.isBoolean() ? !mark.booleanValue() : mark.isNumber() && mark.asDouble() <= 0;
    }
    return mark.isNumber() && mark.asDouble() < 0;
  }

  private static boolean isBad(String name, String word) {
    return WORDS.contains(word.replaceAll("[ :-]+", "_").replaceAll("^_|_$", ""))
        || (GOOD.contains(name) && Set.of("false", "no", "0", "-1").contains(word));
  }
}
