package io.lorashear.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.reference.ReferenceData;
import io.lorashear.run.Progress;
import io.lorashear.score.Request;
import io.lorashear.score.Scorer;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * SmolLM2-135M item by item against lm-evaluation-harness over transformers. A few items of each
 * task; the system property {@code parity.items} takes more.
 */
@Tag("reference")
class ScorerParityTest {
  private static final int ITEMS = Integer.getInteger("parity.items", 4);
  private static final int ROWS = Integer.getInteger("parity.rows", 1);

  @TempDir static Path cache;
  static Scorer scorer;
  static Tokenizer tokenizer;

  @BeforeAll
  static void open() {
    try (var checkpoint = Checkpoint.open(ReferenceData.smolLm2(), cache)) {
      tokenizer = Tokenizer.open(checkpoint.tokenizer());
      scorer = Scorer.open(checkpoint, Device.cpu());
    }
  }

  @AfterAll
  static void close() {
    scorer.close();
    tokenizer.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "boolq",
        "piqa",
        "hellaswag",
        "winogrande",
        "arc_easy",
        "arc_challenge",
        "openbookqa"
      })
  void everyRequestAndEveryAnswerIsTheReferences(String name) throws IOException {
    var expected = ReferenceTask.read(name).items();
    var task = Task.named(name).orElseThrow();
    var items = task.read(ReferenceData.path("data/benchmarks")).first(Math.min(ITEMS, 50));
    var result =
        new Evaluation(tokenizer, Protocol.JOINT, scorer, Progress.silent()).run(task, items);
    for (int i = 0; i < result.answers().size(); i++) {
      compare(result.answers().get(i), expected.get(i));
    }
  }

  private static void compare(Answer ours, JsonNode theirs) {
    for (int choice = 0; choice < ours.scores().size(); choice++) {
      var request = theirs.path("requests").path(choice);
      var score = ours.scores().get(choice);
      assertThat(score.logLikelihood())
          .isCloseTo(request.path("log_likelihood").doubleValue(), within(1e-3));
      assertThat(score.greedy()).isEqualTo(request.path("is_greedy").booleanValue());
    }
    assertThat(ours.right()).isEqualTo(theirs.path("acc").doubleValue() == 1);
    if (theirs.path("acc_norm").isNull()) {
      assertThat(ours.item().sharesContext()).isFalse();
    } else {
      assertThat(ours.rightByLength()).isEqualTo(theirs.path("acc_norm").doubleValue() == 1);
    }
  }

  @Test
  void perplexityOfTheSourcesIsTheReferences() throws IOException {
    var sources =
        new ObjectMapper()
            .readTree(ReferenceData.path("reference/smollm2-135m/perplexity.json").toFile());
    for (JsonNode source : sources) {
      var rows =
          StreamSupport.stream(source.path("ids").spliterator(), false)
              .limit(ROWS)
              .map(ScorerParityTest::ids)
              .toList();
      var losses = scorer.tokenLosses(rows);
      for (int row = 0; row < rows.size(); row++) {
        double mean = Arrays.stream(losses[row]).average().orElseThrow();
        assertThat(Math.exp(mean - source.path("mean_nll").path(row).doubleValue()))
            .isCloseTo(1, within(1e-3));
      }
    }
  }

  @Test
  void tokenIdsAreTheReferences() throws IOException {
    for (JsonNode text : texts()) {
      assertThat(tokenizer.encode(text.path("text").textValue())).isEqualTo(ids(text.path("ids")));
    }
    assertThat(tokenizer.endOfText()).isZero();
    assertThat(tokenizer.size()).isEqualTo(49_152);
  }

  /** A continuation is greedy exactly if it is what greedy generation says. */
  @Test
  void likelihoodsAndGreedyTokensOfTheTextsAreTheReferences() throws IOException {
    for (JsonNode text : texts()) {
      int[] ids = ids(text.path("ids"));
      int[] greedy = ids(text.path("greedy_12"));
      int[] other = greedy.clone();
      other[11] = (other[11] + 1) % 49_152;
      var scores =
          scorer.score(
              List.of(
                  new Request(new int[0], ids), new Request(ids, greedy), new Request(ids, other)));
      assertThat(scores.get(0).logLikelihood())
          .isCloseTo(text.path("log_likelihood_of_ids_1_on").doubleValue(), within(1e-3));
      assertThat(scores.get(1).greedy()).isTrue();
      assertThat(scores.get(2).greedy()).isFalse();
    }
  }

  private static List<JsonNode> texts() throws IOException {
    List<JsonNode> texts = new ArrayList<>();
    new ObjectMapper()
        .readTree(ReferenceData.path("reference/smollm2-135m/logits.json").toFile())
        .forEach(texts::add);
    assertThat(texts).hasSize(5);
    return texts;
  }

  private static int[] ids(JsonNode array) {
    return Arrays.stream(new ObjectMapper().convertValue(array, int[].class)).toArray();
  }
}
