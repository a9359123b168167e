package io.lorashear.spark.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ShortTextsTest {

  private static SourceReport source(long documents, long nothingLeft) {
    var dropped = new TreeMap<>(Map.of("nothing-left", nothingLeft));
    return new SourceReport(
        "notes", "", 1, documents, documents, 10, dropped, new TreeMap<>(), new TreeMap<>());
  }

  @Test
  void aSourceThatLosesMoreThanHalfToShortParagraphsIsToldWithItsCounts() {
    assertThat(ShortTexts.note(source(3, 1500), 1400, 64))
        .contains(
            "warning: source notes loses 1,400 of its 1,503 records, as no paragraph of theirs has"
                + " more than 64 tokens (cleaning.paragraphTokens): for short texts set it to 0");
  }

  @Test
  void halfOrAnotherReasonIsNoMatter() {
    assertThat(ShortTexts.note(source(5, 5), 5, 64)).isEmpty();
    assertThat(ShortTexts.note(source(1, 9), 0, 64)).isEmpty();
    assertThat(ShortTexts.note(source(0, 0), 0, 64)).isEmpty();
  }
}
