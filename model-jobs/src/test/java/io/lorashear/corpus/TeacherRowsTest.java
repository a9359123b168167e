package io.lorashear.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.run.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A teacher of the rows of {@link SmallCorpus}, written by DuckDB's own SQL. */
class TeacherRowsTest {
  private record NoSettings() {}

  @TempDir Path folder;
  private SequenceReader corpus;
  private Path report;

  @BeforeEach
  void publish() throws IOException {
    corpus = SequenceReader.open(SmallCorpus.write(folder.resolve("corpus")));
    report = report("losses", corpus.hash(), "tokenizer", "range(10)");
  }

  /** Row r of the first wikipedia shard expects at t the tokens 10 r + t and 10 r + t + 1. */
  private Path report(String name, String hash, String tokenizer, String rows) {
    var target = folder.resolve(name);
    Stage.of("perplexity", target, new NoSettings(), TeacherRowsTest.class)
        .run(
            output -> {
              write(output.directory().resolve("teacher/part-00000.parquet"), rows);
              var shards = List.of("teacher/part-00000.parquet");
              new TeacherManifest(hash, tokenizer, 2, false, 10, shards).writeTo(output);
              new LossReport("dense", hash, "train", 10, 0, List.of(), List.of()).writeTo(output);
            });
    return target;
  }

  private static void write(Path file, String rows) throws IOException {
    Files.createDirectories(file.getParent());
    var select =
        """
        select 'wikipedia/train/00000/' || lpad(r::varchar, 7, '0') as sequence_id,
          [10 * r, 10 * r + 1, 10 * r + 1, 10 * r + 2]::integer[] as ids,
          [-0.5, -1.5, -0.25, -2 - r]::float[] as log_probabilities,
          [-2.5, '-inf'::float]::float[] as tail
        from %s as t(r)
        """
            .formatted(rows);
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var statement = connection.createStatement()) {
      statement.execute("copy (" + select + ") to '" + file + "' (format parquet)");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<Sequence> trained(int rows) {
    var sequences = new ArrayList<Sequence>();
    try (var all = corpus.read("wikipedia", Sequence.TRAIN)) {
      all.forEachRemaining(sequences::add);
    }
    return sequences.subList(0, rows);
  }

  @Test
  void everyRowIsFoundAndTheFileGoes() {
    var file = folder.resolve("scratch/teacher.rows");
    try (var rows = TeacherRows.copy(TeacherReader.open(report), trained(10), 1000, file)) {
      for (int r = 9; r >= 0; r--) {
        var targets = rows.of(trained(10).get(r));
        assertThat(targets.positions()).isEqualTo(2);
        assertThat(targets.ids()).containsExactly(10 * r, 10 * r + 1, 10 * r + 1, 10 * r + 2);
        assertThat(targets.logProbabilities()).containsExactly(-0.5f, -1.5f, -0.25f, -2f - r);
        assertThat(targets.tail()).containsExactly(-2.5f, Float.NEGATIVE_INFINITY);
      }
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void aMissingRowIsNamed() {
    assertThatThrownBy(() -> copy(trained(12), 1000))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the teacher %s has no row wikipedia/train/00001/0000000, which is trained on; 10 of 12"
                + " rows are there: run perplexity with keepTop and recover's subset (without one: with"
                + " split train and recover's rows and seed)",
            report);
  }

  @Test
  void aTokenThatTheModelDoesNotHaveIsNamed() {
    assertThatThrownBy(() -> copy(trained(10), 92))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the teacher %s names the token 92, but the model that is to learn from it has 92: take"
                + " a teacher with the same vocabulary",
            report);
  }

  private void copy(List<Sequence> rows, int vocabulary) {
    TeacherRows.copy(TeacherReader.open(report), rows, vocabulary, folder.resolve("rows")).close();
  }

  @Test
  void aTeacherOfAnotherCorpusTokenizerOrReadingIsRefused() {
    var other = report("other", "another", "tokenizer", "range(10)");
    assertThatThrownBy(() -> TeacherReader.open(other).requireFit(corpus, false))
        .hasMessage(
            "the teacher %s was made of another corpus than the one that is trained on: run"
                + " perplexity with keepTop on this corpus",
            other);
    var foreign = report("foreign", "another", "another", "range(10)");
    assertThatThrownBy(() -> TeacherReader.open(foreign).requireFit(corpus, false))
        .hasMessage(
            "the teacher %s reads the ids of another tokenizer than the corpus that is trained on:"
                + " run perplexity with keepTop on this corpus",
            foreign);
    TeacherReader.open(report).requireFit(corpus, false);
    assertThatThrownBy(() -> TeacherReader.open(report).requireFit(corpus, true))
        .hasMessage(
            "train.isolateDocuments is true, but the teacher %s was made with isolateDocuments"
                + " false: run perplexity with the same",
            report);
  }

  @Test
  void aReportWithoutATeacherIsNamed() {
    var target = folder.resolve("plain");
    Stage.of("perplexity", target, new NoSettings(), TeacherRowsTest.class)
        .run(new LossReport("m", "c", "train", 1, 0, List.of(), List.of())::writeTo);
    assertThatThrownBy(() -> TeacherReader.open(target))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s keeps no likeliest tokens: run perplexity with keepTop, for example 32", target);
  }

  @Test
  void filesThatTheManifestDoesNotNameAndChangedOnesAreRefused() throws IOException {
    var file = report.resolve("teacher/part-00000.parquet");
    var stranger = report.resolve("teacher/part-00001.parquet");
    Files.copy(file, stranger);
    assertThatThrownBy(() -> TeacherReader.open(report))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s is not named by the manifest of its loss report: remove the file, or run perplexity"
                + " again",
            stranger);
    Files.delete(stranger);
    var bytes = Files.readAllBytes(file);
    bytes[20] ^= 1;
    Files.write(file, bytes);
    assertThatThrownBy(() -> copy(trained(10), 1000))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(file + " was changed after it was published");
  }

  @Test
  void rowsOfAnotherLengthAreRefused() {
    var sequence = trained(1).get(0);
    var longer =
        new Sequence(
            "wikipedia",
            "train",
            sequence.id(),
            sequence.inputIds(),
            sequence.lossMask(),
            4,
            sequence.documents());
    assertThatThrownBy(() -> copy(List.of(longer), 1000))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the teacher %s has 2 positions of row %s, which has 4 tokens: run perplexity with"
                + " keepTop again",
            report, sequence.id());
  }
}
