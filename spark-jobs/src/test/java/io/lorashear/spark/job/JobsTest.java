package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import io.lorashear.corpus.CorpusManifest;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.recover.RecoverStage;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Sha256;
import io.lorashear.settings.Settings;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.perplexity.SmallCheckpoint;
import io.lorashear.spark.provenance.TokenTrace;
import io.lorashear.tokenizer.SmallTokenizers;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The Spark stages one after the other, as a user calls them. */
class JobsTest {

  @TempDir Path folder;

  @Test
  void rawTextBecomesASubsetToTrainOn() throws IOException {
    assertThat(LocalSpark.session().sparkContext().isStopped()).isFalse();
    SmallTokenizers.byteLevel(folder);
    SmallCheckpoint.write(folder.resolve("dense"), 260, 1);
    SmallCheckpoint.write(folder.resolve("pruned"), 260, 2);
    raw();
    run(
        new IngestJob(),
        """
        sources:
          - {corpus: other, name: tales, paths: [%1$s/tales.jsonl], licence: ours}
          - {corpus: other, name: notes, paths: [%1$s/notes.jsonl]}
        tokenizer: %1$s/tokenizer.json
        output: %1$s/documents
        cleaning: {paragraphTokens: 0}
        """);
    run(
        new TokenizeJob(),
        """
        documents: %1$s/documents
        tokenizer: %1$s/tokenizer.json
        output: %1$s/corpus
        sequenceLength: 32
        validation: {share: 0.2}
        """);
    var manifest = CorpusManifest.read(folder.resolve("corpus"));
    assertThat(manifest.sourceNames()).containsExactly("notes", "tales");
    assertThat(manifest.sources().get(1).licence()).isEqualTo("ours");
    for (String model : new String[] {"dense", "pruned"}) {
      run(
          new PerplexityJob(),
          """
          corpus: %1$s/corpus
          checkpoint: %1$s/MODEL
          output: %1$s/loss-MODEL
          rows: 4
          device: cpu
          """
              .replace("MODEL", model));
    }
    assertThat(LossReport.read(folder.resolve("loss-dense")).sources()).hasSize(2);
    var printed =
        run(
            new ResampleJob(),
            """
            corpus: %1$s/corpus
            dense: %1$s/loss-dense
            pruned: %1$s/loss-pruned
            output: %1$s/subset
            tokens: 320
            """);
    assertThat(SubsetManifest.read(folder.resolve("subset")).drawn()).hasSize(10);
    assertThat(printed).contains("tales", "deviation", folder.resolve("subset").toString());
    everyDrawnTokenComesFromItsRawLine();
    theSubsetIsLearntFromTheDenseModel();
    assertThat(LocalSpark.session().sparkContext().isStopped()).isFalse();
  }

  /**
   * Back through sequence and document to the line of the file; the words there are the tokens'.
   */
  private void everyDrawnTokenComesFromItsRawLine() throws IOException {
    var subset = SubsetManifest.read(folder.resolve("subset"));
    try (var tokenizer = Tokenizer.open(folder)) {
      for (int sequence = 0; sequence < subset.drawn().size(); sequence++) {
        var trace = trace(sequence, 20);
        assertThat(trace.drawn()).isEqualTo(subset.drawn().get(sequence));
        assertThat(trace.group().reason()).startsWith("adaptive: 0.5000 exp(1.00 x ");
        assertThat(trace.file()).isEqualTo(trace.drawn().group() + ".jsonl");
        assertThat(trace.document()).startsWith(trace.drawn().group() + "/" + trace.file() + "#");
        var raw = rawText(trace.file(), Long.parseLong(trace.position()));
        if (tokenizer.endOfText() != trace.id()) {
          assertThat(raw.substring(trace.character()))
              .startsWith(tokenizer.decode(new int[] {trace.id()}));
        }
      }
    }
    assertThatThrownBy(() -> trace(0, 32))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "there is no token 32: sequence 0 has 32 tokens of text, counted from 0; the rest is"
                + " filling");
    assertThatThrownBy(() -> trace(10, 0))
        .hasMessage("there is no sequence 10: the subset draws 10, counted from 0");
    var out = new StringWriter();
    var line = new CommandLine(new TraceCommand()).setOut(new PrintWriter(out));
    int code =
        line.execute(
            folder.resolve("subset").toString(),
            "--corpus=" + folder.resolve("corpus"),
            "--documents=" + folder.resolve("documents"),
            "--tokenizer=" + folder,
            "--sequence=3",
            "--token=7");
    assertThat(code).isZero();
    assertThat(out.toString()).contains("because ", ".jsonl at ", "⟦");
  }

  private TokenTrace trace(int sequence, int token) {
    return TokenTrace.of(
        LocalSpark.session(),
        new TokenTrace.Question(
            folder.resolve("subset"),
            folder.resolve("corpus"),
            List.of(folder.resolve("documents")),
            folder,
            sequence,
            token));
  }

  private void theSubsetIsLearntFromTheDenseModel() throws IOException {
    run(
        new PerplexityJob(),
        """
        corpus: %1$s/corpus
        checkpoint: %1$s/dense
        output: %1$s/teacher
        subset: %1$s/subset
        device: cpu
        """,
        "--keep-top=8");
    var alone = recover("alone", "subset=@subset");
    var taught =
        recover(
            "taught",
            "subset=@subset",
            "distillation.teacher=@teacher",
            "distillation.weight=0.5",
            "distillation.temperature=2");
    assertThat(taught.manifest().path("parents").path("teacher").asText()).hasSize(64);
    assertThat(taught.verified("recovery.json")).exists();
    assertThat(Sha256.of(taught.file("model.safetensors")))
        .isNotEqualTo(Sha256.of(alone.file("model.safetensors")));
    assertThatThrownBy(
            () ->
                recover(
                    "others",
                    "rows=40",
                    "distillation.teacher=@teacher",
                    "distillation.weight=0.5"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has no row ")
        .hasMessageEndingWith("with split train and recover's rows and seed)");
  }

  private PublishedDirectory recover(String output, String... more) {
    var values = new ArrayList<>(List.of("checkpoint=@pruned", "corpus=@corpus"));
    values.addAll(List.of("output=@" + output, "validationRows=2", "train.rows=2"));
    values.addAll(List.of(more));
    values.replaceAll(value -> value.replace("=@", "=" + folder + "/"));
    var settings = Settings.defaults(RecoverSettings.class, values);
    return RecoverStage.run(settings, false, Device.cpu(), Progress.silent());
  }

  /** The text of the JSON line that begins at a byte of a file. */
  private String rawText(String file, long offset) throws IOException {
    var all = Files.readAllBytes(folder.resolve(file));
    var rest = new String(all, (int) offset, all.length - (int) offset, StandardCharsets.UTF_8);
    return new ObjectMapper()
        .readTree(rest.lines().findFirst().orElseThrow())
        .path("text")
        .asText();
  }

  private void raw() throws IOException {
    var tales = new StringBuilder();
    var notes = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      tales.append("{\"text\": \"The tale of the %d oaks and a river\"}\n".formatted(i * i));
      notes.append("{\"text\": \"Note %d: the river rose by %d feet\"}\n".formatted(i, 7 * i));
    }
    Files.writeString(folder.resolve("tales.jsonl"), tales);
    Files.writeString(folder.resolve("notes.jsonl"), notes);
  }

  private String run(SparkCommand<?> command, String settings, String... options)
      throws IOException {
    var config = Files.writeString(folder.resolve("settings.yaml"), settings.formatted(folder));
    var out = new StringWriter();
    var line = new CommandLine(command).setOut(new PrintWriter(out));
    var words = new ArrayList<>(List.of(options));
    words.addAll(List.of("--config", config.toString()));
    assertThat(line.execute(words.toArray(String[]::new))).isZero();
    return out.toString();
  }
}
