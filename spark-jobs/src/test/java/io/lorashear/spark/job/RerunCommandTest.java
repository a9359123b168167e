package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.cli.Failures;
import io.lorashear.corpus.SmallCorpus;
import io.lorashear.family.Family;
import io.lorashear.train.TinyModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of a small pruned model. */
class RerunCommandTest {
  private record Said(int code, String text) {}

  @TempDir Path folder;

  @BeforeEach
  void aResult() throws IOException {
    SmallCorpus.write(folder.resolve("corpus"));
    model(1);
    var settings =
        """
        {checkpoint: %1$s/dense, corpus: %1$s/corpus, output: %1$s/pruned, method: magnitude,
         unprunable: 0, ratio: 0.1, rows: 2}
        """;
    var yaml = Files.writeString(folder.resolve("p.yaml"), settings.formatted(folder));
    var made = said("prune", "--config", yaml, "--device", "cpu");
    assertThat(made.code()).as(made.text()).isZero();
  }

  private void model(long seed) {
    var config = TinyModel.config(256);
    var weights = TinyModel.weights(Family.of(config).trace(config), seed);
    CheckpointWriter.write(folder.resolve("dense"), config, weights, List.of());
  }

  private static Said said(Object... words) {
    var text = new StringWriter();
    var line = Lorashear.commandLine().setOut(new PrintWriter(text));
    line.setErr(new PrintWriter(text));
    var arguments = List.of(words).stream().map(String::valueOf).toArray(String[]::new);
    return new Said(line.execute(arguments), text.toString());
  }

  @Test
  void theSameInputsGiveTheSameFiles() {
    var again = said("rerun", folder.resolve("pruned"), "--work", folder.resolve("again"));
    assertThat(again.code()).as(again.text()).isZero();
    assertThat(again.text()).contains("lorashear prune --config ");
    assertThat(again.text())
        .containsPattern("the same \\d files; they lie in " + folder.resolve("again/pruned"));
    assertThat(said("rerun", folder.resolve("pruned.run.json")).code()).isZero();
  }

  @Test
  void anotherModelIsNamedWithTheFilesThatItChanges() throws IOException {
    Files.delete(folder.resolve("dense/model.safetensors"));
    model(2);
    var again = said("rerun", folder.resolve("pruned"), "--work", folder.resolve("again"));
    assertThat(again.code()).as(again.text()).isEqualTo(Failures.FAILED);
    assertThat(again.text())
        .containsPattern("input checkpoint: was [0-9a-f]{12}, is [0-9a-f]{12}")
        .containsPattern("file model.safetensors: was [0-9a-f]{12}, is [0-9a-f]{12}")
        .containsPattern("\\d files are the same; the new ones lie in ");
  }

  @Test
  void whatCannotBeMadeAgainIsRefused() throws IOException {
    var none = said("rerun", folder.resolve("corpus"));
    assertThat(none.code()).isEqualTo(Failures.BAD_INPUT);
    assertThat(none.text())
        .contains("corpus.run.json does not exist, or is no record of a run: name a folder");

    var record = folder.resolve("pruned.run.json");
    var text = Files.readString(record);
    Files.writeString(record, text.replace("\"prune\"", "\"demo\""));
    assertThat(said("rerun", record).text())
        .contains("is of the command 'demo', which takes no settings by --config: name the result");
    Files.writeString(record, text);

    Files.writeString(folder.resolve("pruned/model.safetensors"), "x", StandardOpenOption.APPEND);
    var changed = said("rerun", folder.resolve("pruned"));
    assertThat(changed.code()).isEqualTo(Failures.BAD_INPUT);
    assertThat(changed.text())
        .contains("model.safetensors has ")
        .contains(" bytes, but its manifest");
  }
}
