package io.lorashear.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.InputException;
import io.lorashear.evaluate.TextSettings.Documents;
import io.lorashear.evaluate.TextSettings.Windows;
import io.lorashear.reference.ReferenceData;
import io.lorashear.run.Progress;
import io.lorashear.run.Sha256;
import io.lorashear.score.Request;
import io.lorashear.score.Score;
import io.lorashear.score.ScoringModel;
import io.lorashear.tokenizer.SmallTokenizers;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextEvaluationTest {
  private static final String WIKI =
      " \n = Snow = \n \n Snow is ice , it melts at 0 @.@ 5 ° . \n = = Use = = \n ( none ) \n"
          + " = Rain = \n It 's wet . \n";

  @TempDir Path folder;

  @Test
  void figuresAreTheSumsOverTheirUnits() throws IOException {
    Path file = Files.writeString(folder.resolve("t.txt"), "yes yes two  words\n");
    var settings = new TextSettings(file, Documents.WHOLE, Windows.ROLLING, 5, 0, true);
    try (var tokenizer = Tokenizer.open(SmallTokenizers.byteLevel(folder))) {
      int[] ids = tokenizer.encode("yes yes two  words\n");
      var result =
          new TextEvaluation(tokenizer, new OneANumber(), Progress.silent())
              .run("t", settings, TextDocument.read(settings));
      double sum = Arrays.stream(ids).sum() / 100.0;
      assertThat(result.tokens()).isEqualTo(ids.length);
      assertThat(result.tokenPerplexity()).isCloseTo(Math.exp(sum / ids.length), within(1e-9));
      assertThat(result.wordPerplexity()).isCloseTo(Math.exp(sum / 5), within(1e-9));
      assertThat(result.bytePerplexity()).isCloseTo(Math.exp(sum / 19), within(1e-9));
      assertThat(result.bitsPerByte()).isCloseTo(sum / 19 / Math.log(2), within(1e-9));
    }
  }

  @Test
  void aWindowLongerThanTheModelIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("t.txt"), "yes");
    var settings = new TextSettings(file, Documents.WHOLE, Windows.ROLLING, 50, 0, true);
    try (var tokenizer = Tokenizer.open(SmallTokenizers.byteLevel(folder))) {
      var evaluation = new TextEvaluation(tokenizer, new OneANumber(), Progress.silent());
      assertThatThrownBy(() -> evaluation.run("t", settings, TextDocument.read(settings)))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "texts.t.length is 50, but the model reads 10 tokens at most: lower it, or give 0");
    }
  }

  @Test
  void wikiTextIsCutAtItsTitlesAndPutTogether() throws IOException {
    Path file = Files.writeString(folder.resolve("wiki"), WIKI);
    var documents =
        TextDocument.read(new TextSettings(file, Documents.WIKITEXT, Windows.ROLLING, 0, 0, true));
    assertThat(documents).hasSize(2);
    assertThat(documents.get(0).text())
        .isEqualTo(" = Snow =\n\nSnow is ice, it melts at 0.5 \u00B0.\n== Use ==\n(none) ");
    assertThat(documents.get(1).text()).isEqualTo(" = Rain =\nIt's wet.\n");
    assertThat(documents.get(0).words()).isEqualTo(25);
  }

  @Test
  void strideReadsTheRowsOfThePublishedDataSet() throws IOException {
    Path file = Files.writeString(folder.resolve("wiki"), " \n = A = \nb\n");
    var settings = new TextSettings(file, Documents.WIKITEXT, Windows.STRIDED, 0, 0, true);
    assertThat(TextDocument.read(settings))
        .extracting(TextDocument::text)
        .containsExactly("\n\n = A = \n\n\nb\n");
  }

  @Test
  void aLineWithoutTextIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("t.jsonl"), "{\"text\": \"a\"}\n{\"txt\": 1}\n");
    var settings = new TextSettings(file, Documents.LINES, Windows.ROLLING, 0, 0, true);
    assertThatThrownBy(() -> TextDocument.read(settings))
        .isInstanceOf(InputException.class)
        .hasMessage(file + ", line 2: no JSON object with a text under \"text\"");
  }

  /** Counts and hashes of what lm-evaluation-harness 0.4.9.1 makes of the raw test file. */
  @Test
  @Tag("reference")
  void theTestFileIsReadAsTheReferenceEvaluatorReadsIt() {
    Path file = ReferenceData.path("data/wikipedia/wikitext-2/wiki.test.raw.gz");
    var articles =
        TextDocument.read(new TextSettings(file, Documents.WIKITEXT, Windows.ROLLING, 0, 0, true));
    assertThat(articles).hasSize(62);
    assertThat(articles.stream().mapToInt(TextDocument::words).sum()).isEqualTo(241_335);
    assertThat(articles.stream().mapToInt(TextDocument::bytes).sum()).isEqualTo(1_290_527);
    var all = articles.stream().map(TextDocument::text).collect(Collectors.joining("\0"));
    assertThat(Sha256.of(all))
        .isEqualTo("b0ae50e166add20959a5406d9b3c99fe1f23819ec0a10149047149434fb85d81");
    var stream =
        TextDocument.read(new TextSettings(file, Documents.WIKITEXT, Windows.STRIDED, 0, 0, true));
    assertThat(Sha256.of(stream.get(0).text()))
        .isEqualTo("696cca6b65a171b0a358a4be6732cdfdf2dd6164a32e20fd70e3c13fc4dfae83");
  }

  /** Reads ten tokens; a token costs a hundredth of its number. */
  private static final class OneANumber implements ScoringModel {
    @Override
    public double[][] tokenLosses(List<int[]> sequences) {
      return sequences.stream()
          .map(ids -> Arrays.stream(ids).skip(1).mapToDouble(id -> id / 100.0).toArray())
          .toArray(double[][]::new);
    }

    @Override
    public int longest() {
      return 10;
    }

    @Override
    public List<Score> score(List<Request> requests, java.util.function.IntConsumer done) {
      return List.of();
    }

    @Override
    public void close() {}
  }
}
