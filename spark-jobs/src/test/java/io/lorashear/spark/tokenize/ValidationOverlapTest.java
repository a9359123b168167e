package io.lorashear.spark.tokenize;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidationOverlapTest {
  @TempDir Path folder;

  /** Every third text is there twice, with another beginning. */
  private static SomeDocuments documents() {
    var random = new Random(7);
    var documents = SomeDocuments.of(0, 0);
    for (int i = 0; i < 300; i++) {
      var text =
          IntStream.range(0, 40).mapToObj(w -> "w" + random.nextInt(9999)).collect(joining(" "));
      documents.and("web", "web/" + i, text, "");
      if (i % 3 == 0) {
        documents.and("books", "books/" + i, "again " + text, "");
      }
    }
    return documents;
  }

  @Test
  void theSameTextsAreLeftOutWhetherOrNotTheFindingsAreSent() throws IOException {
    var documents = documents().in(3);
    var settings = SomeCorpora.in(folder).excluding(20);
    var plan = ShardPlan.of(documents, settings, List.of());
    var passages = Passage.of(documents, settings.passageCharacters());
    try (var sent = of(documents, plan, settings, ValidationOverlap.SENT);
        var shuffled = of(documents, plan, settings, 3)) {
      assertThat(sent.affected()).isEmpty();
      assertThat(shuffled.affected()).isPresent();
      assertThat(shuffled.found().count()).isBetween(4L, 150L);
      var expected = rows(sent.without(passages));
      assertThat(expected).hasSize(400);
      assertThat(expected.stream().filter(row -> !Passage.of(row).excluded().isEmpty()))
          .hasSizeGreaterThan(3);
      assertThat(rows(shuffled.without(passages))).isEqualTo(expected);
    }
  }

  private static ValidationOverlap of(
      Dataset<Row> documents, ShardPlan plan, TokenizeSettings settings, int most) {
    return ValidationOverlap.of(documents, Optional.empty(), plan, settings, most);
  }

  private static List<Row> rows(Dataset<Row> passages) {
    return passages.orderBy("document").collectAsList();
  }
}
