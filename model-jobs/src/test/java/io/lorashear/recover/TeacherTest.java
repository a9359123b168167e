package io.lorashear.recover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.SmallCorpus;
import io.lorashear.family.Family;
import io.lorashear.method.PruneSettings;
import io.lorashear.prune.PruneStage;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.settings.Settings;
import io.lorashear.train.TinyModel;
import io.lorashear.vocabulary.TextModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Teachers that are models themselves. */
class TeacherTest {
  @TempDir Path folder;

  @BeforeEach
  void inputs() throws IOException {
    SmallCorpus.write(folder.resolve("corpus"));
    model("pruned", 1, 256);
    model("dense", 2, 256);
  }

  private void model(String name, long seed, int vocabulary) {
    var config = TinyModel.config(vocabulary);
    var weights = TinyModel.weights(Family.of(config).trace(config), seed);
    CheckpointWriter.write(folder.resolve(name), config, weights, List.of());
  }

  private RecoverSettings settings(String output, String... more) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=" + folder.resolve("pruned"),
                "corpus=" + folder.resolve("corpus"),
                "output=" + folder.resolve(output),
                "rows=4",
                "validationRows=2",
                "validations=2"));
    values.addAll(List.of(more));
    return Settings.defaults(RecoverSettings.class, values);
  }

  private PublishedDirectory run(String output, String... more) {
    return RecoverStage.run(settings(output, more), false, Device.cpu(), Progress.silent());
  }

  private static List<Double> losses(PublishedDirectory round) {
    return RecoverStage.losses(round).stream().map(Validation::mean).toList();
  }

  /** All of its own vocabulary is in the targets, so the divergence and its gradient are 0. */
  @Test
  void aModelLearnsNothingFromItself() {
    var itself = "distillation.checkpoint=" + folder.resolve("pruned");
    var round = run("itself", itself, "distillation.weight=1", "distillation.top=256");
    assertThat(losses(round).get(1)).isEqualTo(losses(round).get(0), within(1e-5));
    var parents = JsonFile.read(round.directory().resolve("manifest.json")).path("parents");
    assertThat(parents.toString()).contains("teaching model");
  }

  @Test
  void anotherModelIsLearntFromAndLessIfItsShareFalls() {
    var dense = "distillation.checkpoint=" + folder.resolve("dense");
    var alone = run("alone");
    var taught = run("taught", dense, "distillation.weight=0.5");
    var falling = run("falling", dense, "distillation.weight=0.5", "distillation.falls=true");
    assertThat(losses(taught)).isNotEqualTo(losses(alone));
    assertThat(losses(falling)).isNotEqualTo(losses(alone)).isNotEqualTo(losses(taught));
  }

  @Test
  void aTeacherOfAnotherVocabularyIsRefused() {
    model("other", 1, 300);
    assertThatThrownBy(
            () ->
                run(
                    "refused",
                    "distillation.checkpoint=" + folder.resolve("other"),
                    "distillation.weight=0.5"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("other has 300 token ids, but " + folder.resolve("pruned"))
        .hasMessageContaining(
            "has 256: give distillation.checkpoint a model with the same vocabulary");
  }

  /** It has the ids before: as it learns rows of the ids after, the teacher must be cut as well. */
  @Test
  void aTeacherIsCutToTheTokensOfTheModelThatLearns() throws IOException {
    TextModel.write(folder.resolve("text"), true, 3);
    var text = folder.resolve("text");
    var pruned =
        Settings.defaults(
            PruneSettings.class,
            List.of(
                "checkpoint=" + text.resolve("dense"),
                "corpus=" + text.resolve("corpus"),
                "output=" + text.resolve("pruned"),
                "method=fisher",
                "ratio=0.1",
                "vocabulary.enabled=true",
                "vocabulary.tokens=0.9",
                "cap=1",
                "rows=4"));
    PruneStage.run(pruned, false, Device.cpu(), Progress.silent());
    var learner = "checkpoint=" + text.resolve("pruned");
    var corpus = "corpus=" + text.resolve("corpus");
    var all = "distillation.top=1000";
    var whole = "distillation.checkpoint=" + text.resolve("dense");
    var one = "distillation.weight=1";
    var taught = losses(run("cut", learner, corpus, whole, one, all));
    assertThat(taught.get(1)).isEqualTo(taught.get(0), within(1e-5)); // rows alone were removed
    Files.writeString(text.resolve("dense/tokenizer.json"), " ", StandardOpenOption.APPEND);
    assertThatThrownBy(() -> run("refused", learner, corpus, whole, one))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(text.resolve("dense") + " has neither the tokenizer of ")
        .hasMessageContaining("pruned nor the one that this model had before it lost tokens");
  }

  @Test
  void oneTeacherIsAskedFor() {
    assertThatThrownBy(
            () ->
                settings(
                    "x",
                    "distillation.teacher=losses",
                    "distillation.checkpoint=dense",
                    "distillation.top=0",
                    "distillation.weight=1"))
        .hasMessageContaining(
            "distillation.checkpoint is dense, and teacher is losses: give one of them")
        .hasMessageContaining("distillation.top is 0: give a number of tokens, for example 32");
  }
}
