package io.lorashear.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.reference.ReferenceData;
import io.lorashear.run.Progress;
import io.lorashear.score.Request;
import io.lorashear.score.Scorer;
import io.lorashear.settings.Settings;
import io.lorashear.tokenizer.Tokenizer;
import io.lorashear.torch.PrecisionChoice;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole stage with a real, very small model: stories260K. */
@Tag("reference")
class EvaluateStageTest {
  private static final String QUESTIONS =
      """
      {"id": "1", "context": "Once upon a", "choices": ["time", "car"], "answer": 0}
      {"id": "2", "context": "The sun is in the", "choices": ["of", "sky"], "answer": 1}
      broken
      """;

  @TempDir Path folder;

  @Test
  void theResultIsPublishedOnceAndReadBack() throws IOException {
    var settings = settings(QUESTIONS);
    var published = EvaluateStage.run(settings, Device.cpu(), false, Progress.silent());
    var summary = EvaluationSummary.read(published);
    assertThat(summary.protocol()).isEqualTo("joint");
    assertThat(summary.figures())
        .containsExactly(new EvaluationSummary.Figure("stories", "acc", 1, 0, 2));
    assertThat(EvaluationSummary.table(published)).contains("stories", "100.00 ± 0.00");
    var results = new ObjectMapper().readTree(published.file("results.json").toFile());
    assertThat(results.at("/dropped/stories/not JSON").intValue()).isOne();
    assertThat(results.at("/config/model_hash").textValue()).matches("[0-9a-f]{64}");
    assertThat(Files.readAllLines(published.file("samples_stories.jsonl"))).hasSize(2);
    var again = EvaluateStage.run(settings, Device.cpu(), false, Progress.silent());
    assertThat(again.hash()).isEqualTo(published.hash());
  }

  /** Windows of a long text against the model's losses of the whole text in one piece. */
  @Test
  void aTextIsScoredBesideTheQuestions() throws IOException {
    var text = "One day, a cat ran. The cat was big. ".repeat(3);
    Path file = Files.writeString(folder.resolve("tale.txt"), text);
    var whole =
        new TextSettings(
            file, TextSettings.Documents.WHOLE, TextSettings.Windows.ROLLING, 0, 0, true);
    var published =
        EvaluateStage.run(
            settings(QUESTIONS, 1, Map.of("tale", whole)), Device.cpu(), false, Progress.silent());
    var results = new ObjectMapper().readTree(published.file("results.json").toFile());
    assertThat(results.at("/n-shot/stories").intValue()).isOne();
    assertThat(EvaluationSummary.read(published).figures()).hasSize(1);
    assertThat(EvaluationSummary.table(published)).contains("1-shot", "tale");
    try (var checkpoint = Checkpoint.open(model());
        var tokenizer = Tokenizer.open(checkpoint.tokenizer());
        var scorer = Scorer.open(checkpoint, Device.cpu())) {
      int[] ids = tokenizer.encode(text);
      var score = scorer.score(List.of(new Request(new int[] {tokenizer.endOfText()}, ids))).get(0);
      double expected = Math.exp(-score.logLikelihood() / ids.length);
      assertThat(results.at("/results/tale/token_perplexity,none").doubleValue())
          .isCloseTo(expected, within(1e-3));
      assertThat(results.at("/results/tale/byte_perplexity,none").doubleValue())
          .isCloseTo(Math.exp(-score.logLikelihood() / text.length()), within(1e-3));
    }
  }

  @Test
  void otherQuestionsAreAnotherResult() throws IOException {
    EvaluateStage.run(settings(QUESTIONS), Device.cpu(), false, Progress.silent());
    var other = settings(QUESTIONS.replace("car", "cat"));
    assertThatThrownBy(() -> EvaluateStage.run(other, Device.cpu(), false, Progress.silent()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("give --overwrite to replace them");
    EvaluateStage.run(other, Device.cpu(), true, Progress.silent());
  }

  /** What the model says of each token of the sequence, summed, is what it says of the request. */
  @Test
  void storedRequestsAreAnsweredInTheirOrder() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("log.jsonl"),
            """
            {"context": "Once upon a", "continuation": " time", "note": 7}
            {"context": "Once"}
            [1]
            {"context": "One day", "continuation": ", a cat ran."}
            """);
    try (var checkpoint = Checkpoint.open(model());
        var tokenizer = Tokenizer.open(checkpoint.tokenizer());
        var scorer = Scorer.open(checkpoint, Device.cpu())) {
      var out = new StringWriter();
      var answers = new RequestFile(tokenizer, Protocol.JOINT, scorer);
      assertThat(answers.answer(file, new PrintWriter(out), Progress.silent())).isEqualTo(2);
      var lines = out.toString().lines().toList();
      var first = new ObjectMapper().readTree(lines.get(0));
      assertThat(first.path("note").intValue()).isEqualTo(7);
      assertThat(lines.get(1)).isEqualTo("{\"error\":\"no text under \\\"continuation\\\"\"}");
      assertThat(lines.get(2)).isEqualTo("{\"error\":\"no JSON object\"}");
      int context = tokenizer.encode("Once upon a").length;
      int[] ids = tokenizer.encode("Once upon a time");
      double[] losses = scorer.tokenLosses(List.of(ids))[0];
      double sum = 0;
      for (int t = context; t < ids.length; t++) {
        sum -= losses[t - 1];
      }
      assertThat(first.path("log_likelihood").doubleValue()).isCloseTo(sum, within(1e-4));
      assertThat(first.path("is_greedy").booleanValue()).isTrue();
    }
  }

  @Test
  void aFileWithoutRequestsIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("empty.jsonl"), "\n");
    try (var tokenizer = Tokenizer.open(model().resolve("tokenizer.json"))) {
      var answers = new RequestFile(tokenizer, Protocol.JOINT, (requests, done) -> List.of());
      assertThatThrownBy(
              () -> answers.answer(file, new PrintWriter(new StringWriter()), Progress.silent()))
          .hasMessage(
              file
                  + " holds no request: each line must be JSON with the texts context and"
                  + " continuation");
    }
  }

  @Test
  void impossibleSettingsAreToldTogether() {
    var overrides =
        List.of("checkpoint=m", "output=o", "limit=-1", "tasks=[boolq, piqqa]", "protocol=joint");
    assertThatThrownBy(() -> Settings.defaults(EvaluateSettings.class, overrides))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("limit is -1: give a number of questions, or 0 for all")
        .hasMessageContaining("tasks names piqqa, which is none of boolq, piqa, hellaswag");
  }

  private EvaluateSettings settings(String questions) throws IOException {
    return settings(questions, 0, Map.of());
  }

  private EvaluateSettings settings(String questions, int shots, Map<String, TextSettings> texts)
      throws IOException {
    Path file = Files.writeString(folder.resolve("stories.jsonl"), questions);
    return new EvaluateSettings(
        model(),
        folder.resolve("out"),
        "",
        folder,
        List.of(),
        Map.of("stories", file),
        texts,
        new FewShotSettings(shots, FewShotSettings.Draw.SAMPLE, 1234, Map.of()),
        0,
        Protocol.JOINT,
        PrecisionChoice.AUTO);
  }

  private static Path model() {
    return ReferenceData.path("reference/stories260K-hf");
  }
}
