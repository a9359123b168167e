package io.lorashear.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.InputException;
import io.lorashear.corpus.LossDeviation;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.LossReport.DocumentLoss;
import io.lorashear.corpus.LossReport.SourceLoss;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import io.lorashear.statistics.Bootstrap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LossComparisonTest {
  private static final int DOCUMENTS = 40;
  private static final int TOKENS = 10;

  private record NoSettings() {}

  @TempDir Path folder;

  /** Document d of web loses d/10 nats a token more; of tasks, as much as it gains. */
  @Test
  void sourcesAndBucketsAreComparedDocumentByDocument() throws IOException {
    var dense = report("dense", 0, d -> 2, d -> 2);
    var pruned = report("pruned", 0, d -> 2 + d / 10.0, d -> 2 + (d % 2 == 0 ? 0.5 : -0.5));
    var comparison = LossComparison.of(dense, pruned, 4, Bootstrap.USUAL);
    var tasks = comparison.sources().get(0);
    var web = comparison.sources().get(1);
    assertThat(web.name()).isEqualTo("web");
    assertThat(web.deviation()).isCloseTo(1.95, within(1e-9));
    assertThat(web.tokens()).isEqualTo(400);
    assertThat(web.interval().low()).isBetween(1.4, 1.95);
    assertThat(web.interval().high()).isBetween(1.95, 2.5);
    assertThat(tasks.deviation()).isCloseTo(0, within(1e-9));
    assertThat(tasks.interval().excludesZero()).isFalse();
    assertThat(comparison.buckets()).hasSize(8);
    var first = comparison.buckets().get(4);
    assertThat(first.name()).isEqualTo("web/0");
    assertThat(first.documents()).isEqualTo(10);
    assertThat(first.deviation()).isCloseTo(0.45, within(1e-9)); // documents 0 to 9
    assertThat(comparison.buckets().get(7).deviation()).isCloseTo(3.45, within(1e-9));
    assertThat(comparison.tokens()).isEmpty();
    assertThat(comparison.table(id -> "" + id)).contains("noise", "web/3", "+1.9500");
  }

  /** Token 7 loses 2 nats each of 3 times, token 5 gains 1 once. */
  @Test
  void tokenLossesAreJoinedByTheirPlaces() throws IOException {
    var dense = withTokens("dense", "[5, 7, 7]", "[1.0, 1.0, 1.0]", "[1.0]");
    var pruned = withTokens("pruned", "[5, 7, 7]", "[0.0, 3.0, 3.0]", "[3.0]");
    var comparison = LossComparison.of(dense, pruned, 2, Bootstrap.USUAL);
    var tokens = comparison.tokens().orElseThrow();
    assertThat(tokens.worst().get(0).id()).isEqualTo(7);
    assertThat(tokens.worst().get(0).count()).isEqualTo(3);
    assertThat(tokens.worst().get(0).deviation()).isCloseTo(2, within(1e-6));
    assertThat(tokens.worst().get(1).deviation()).isCloseTo(-1, within(1e-6));
    assertThat(tokens.sources()).hasSize(1);
    assertThat(tokens.sources().get(0).worse()).isCloseTo(0.75, within(1e-9));
    assertThat(tokens.sources().get(0).median()).isCloseTo(2, within(1e-6));
    assertThat(comparison.table(id -> "id " + id)).contains("id 7", "75 % of them worse");
  }

  @Test
  void reportsOfOtherRowsAreRefused() throws IOException {
    var dense = report("dense", 0, d -> 2, d -> 2);
    var other = report("other", 5, d -> 2, d -> 2);
    assertThatThrownBy(() -> LossComparison.of(dense, other, 4, Bootstrap.USUAL))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the two loss reports are not about the same rows: seed is 0 for the dense model and 5"
                + " for the pruned one; run perplexity for both with the same settings");
  }

  private PublishedDirectory report(
      String name, long seed, IntToDoubleFunction web, IntToDoubleFunction tasks) {
    return Stage.of("perplexity", folder.resolve(name), new NoSettings(), LossComparison.class)
        .run(losses(name, seed, web, tasks)::writeTo);
  }

  private static DocumentLoss document(String source, int number, double loss) {
    var id = "%s/%03d".formatted(source, number);
    return new DocumentLoss(source, id, TOKENS, TOKENS * loss, TOKENS / 2, TOKENS / 2 * loss);
  }

  /** Documents that are all alike, each with its share of chance: no bucket loses or gains. */
  @Test
  void bucketsAreMeasuredOnTokensThatDidNotRankThem() {
    var random = new Random(8);
    var dense = new ArrayList<DocumentLoss>();
    var pruned = new ArrayList<DocumentLoss>();
    for (int d = 0; d < 400; d++) {
      var id = "web/%03d".formatted(d);
      double second = 0;
      double others = 0;
      for (int token = 0; token < 10; token++) {
        second += random.nextGaussian();
        others += random.nextGaussian();
      }
      dense.add(new DocumentLoss("web", id, 20, 60, 10, 30));
      pruned.add(new DocumentLoss("web", id, 20, 60 + second + others, 10, 30 + second));
    }
    var deviation = LossDeviation.of(report(dense), report(pruned));
    var buckets = deviation.byBucket(deviation.buckets(4), Bootstrap.USUAL);
    assertThat(buckets).hasSize(4);
    for (var bucket : buckets) {
      assertThat(bucket.tokens()).isEqualTo(100 * 10);
      assertThat(bucket.deviation()).isBetween(-0.1, 0.1); // three standard errors
      assertThat(bucket.interval().excludesZero()).isFalse();
    }
  }

  private static LossReport report(List<DocumentLoss> documents) {
    double loss = documents.stream().mapToDouble(DocumentLoss::loss).sum();
    var sources = List.of(new SourceLoss("web", 8, 20L * documents.size(), loss));
    return new LossReport("model", "corpus", "train", 8, 0, sources, documents);
  }

  private static LossReport losses(
      String name, long seed, IntToDoubleFunction web, IntToDoubleFunction tasks) {
    var documents = new ArrayList<DocumentLoss>();
    double webLoss = 0;
    double tasksLoss = 0;
    for (int d = 0; d < DOCUMENTS; d++) {
      documents.add(document("web", d, web.applyAsDouble(d)));
      documents.add(document("tasks", d, tasks.applyAsDouble(d)));
      webLoss += TOKENS * web.applyAsDouble(d);
      tasksLoss += TOKENS * tasks.applyAsDouble(d);
    }
    long tokens = (long) DOCUMENTS * TOKENS;
    var sources =
        List.of(
            new SourceLoss("tasks", 8, tokens, tasksLoss),
            new SourceLoss("web", 8, tokens, webLoss));
    return new LossReport(name, "corpus", "validation", 8, seed, sources, documents);
  }

  private PublishedDirectory withTokens(String name, String ids, String first, String second)
      throws IOException {
    return Stage.of("perplexity", folder.resolve(name), new NoSettings(), LossComparison.class)
        .run(
            output -> {
              losses(name, 0, d -> 2, d -> 2).writeTo(output);
              Path file = output.directory().resolve("tokens/part-00000.parquet");
              Files.createDirectories(file.getParent());
              try (var database = DriverManager.getConnection("jdbc:duckdb:");
                  var statement = database.createStatement()) {
                statement.execute(
                    """
                    copy (
                      select * from (values
                        ('web', 'web/0', 0, %s, %s::float[]), ('web', 'web/0', 1, [7], %s::float[]))
                      as t(source, sequence_id, place, ids, losses)) to '%s' (format parquet)
                    """
                        .formatted(ids, first, second, file));
              } catch (SQLException e) {
                throw new IOException(e);
              }
            });
  }
}
