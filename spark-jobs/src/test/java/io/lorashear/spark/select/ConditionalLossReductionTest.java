package io.lorashear.spark.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.corpus.DocumentBuckets.Member;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.LossReport.DocumentLoss;
import io.lorashear.corpus.LossReport.SourceLoss;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConditionalLossReductionTest {

  @Test
  void theBestOfEverySourceByTheLossOfATokenAreKept() {
    // web: a gains 1 nat a token, b 2, c loses 1; books: d gains less than all of them but c
    var prior =
        report(
            loss("web", "a", 10, 40),
            loss("web", "b", 5, 20),
            loss("web", "c", 9, 9),
            loss("books", "d", 10, 31));
    var conditional =
        report(
            loss("web", "a", 10, 30),
            loss("web", "b", 5, 10),
            loss("web", "c", 9, 18),
            loss("books", "d", 10, 30));
    var scores = ConditionalLossReduction.of(prior, conditional);
    assertThat(scores.kept(0.3).members())
        .containsExactly(new Member("books", "d", "books"), new Member("web", "b", "web"));
    assertThat(scores.kept(0.5).members())
        .extracting(Member::document)
        .containsExactly("d", "b", "a");
    assertThat(scores.kept(1).members()).hasSize(4);
  }

  @Test
  void ofEqualScoresTheFirstIsKept() {
    var prior = report(loss("web", "b", 10, 20), loss("web", "a", 5, 10));
    var kept = ConditionalLossReduction.of(prior, prior).kept(0.5);
    assertThat(kept.members()).extracting(Member::document).containsExactly("a");
  }

  @Test
  void reportsOfOtherRowsAreRefused() {
    var other = new LossReport("model", "corpus", "train", 5, 1, List.of(), List.of());
    assertThatThrownBy(() -> ConditionalLossReduction.of(report(), other))
        .hasMessageContaining("the two loss reports are not about the same rows: seed is 0");
  }

  private static DocumentLoss loss(String source, String document, long tokens, double loss) {
    return new DocumentLoss(source, document, tokens, loss, tokens / 2, loss / 2);
  }

  private static LossReport report(DocumentLoss... documents) {
    var sources = List.of(new SourceLoss("web", 1, 1, 1));
    return new LossReport("model", "corpus", "train", 5, 0, sources, List.of(documents));
  }
}
