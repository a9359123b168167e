package io.lorashear.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.SmallCorpus;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.method.PruneSettings;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.recover.RecoverStage;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.settings.Settings;
import io.lorashear.shape.Shape;
import io.lorashear.shape.ShapeChecks;
import io.lorashear.train.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagesTest {
  @TempDir Path folder;

  @BeforeEach
  void corpusAndModel() throws Exception {
    SmallCorpus.write(folder.resolve("corpus"));
    dense("dense", 256);
  }

  private void dense(String name, int vocabulary) throws IOException {
    var fields = TinyModel.config(vocabulary).fields().deepCopy();
    var config = ModelConfig.parse(fields.put("_name_or_path", "owner/dense"), name);
    var weights = TinyModel.weights(Family.of(config).trace(config), 1);
    CheckpointWriter.write(folder.resolve(name), config, weights, List.of());
    Files.writeString(folder.resolve(name).resolve("LICENSE"), "Terms");
    Files.writeString(folder.resolve(name).resolve("README.md"), "---\nlicense: mit\n---\n");
  }

  private <T extends Record> T settings(Class<T> type, String... values) {
    return Settings.defaults(
        type,
        List.of(values).stream().map(value -> value.replace("=@", "=" + folder + "/")).toList());
  }

  private PublishedDirectory analyze() {
    var settings =
        settings(
            AnalyzeSettings.class,
            "checkpoint=@dense",
            "corpus=@corpus",
            "output=@profile",
            "profile.rows=2");
    var told = new ArrayList<String>();
    var published = AnalyzeStage.run(settings, false, Device.cpu(), Progress.silent(), told::add);
    if (!told.isEmpty()) {
      // 2 rows of 2 sources, 4 tokens each; 2 layers with 2 axes, and the whole model
      assertThat(told.get(0)).startsWith("the profile scores 80 tokens: 4 axes x 1 ratios");
    }
    return published;
  }

  private PruneSettings prune(String... more) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=@dense",
                "corpus=@corpus",
                "profile=@profile",
                "output=@pruned",
                "unprunable=0.25",
                "ratio=0.1",
                "rows=4",
                "lhspg.warmupSteps=2",
                "lhspg.periods=2",
                "lhspg.stepsPerPeriod=3",
                "lora.rank=2"));
    values.addAll(List.of(more));
    return settings(PruneSettings.class, values.toArray(String[]::new));
  }

  private RecoverSettings recover(String... more) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=@pruned",
                "corpus=@corpus",
                "output=@recovered",
                "rows=6",
                "validationRows=2",
                "lora.rank=2"));
    values.addAll(List.of(more));
    return settings(RecoverSettings.class, values.toArray(String[]::new));
  }

  @Test
  void theLineFromDenseToRecovered() {
    var profile = analyze();
    assertThat(analyze().hash()).isEqualTo(profile.hash());

    var pruned = PruneStage.run(prune(), false, Device.cpu(), Progress.silent());
    var report = JsonFile.read(pruned.file(PruneStage.REPORT));
    long before = report.path("parametersBefore").asLong();
    long after = report.path("parametersAfter").asLong();
    assertThat((double) (before - after) / before).isBetween(0.1, 0.11);
    assertThat(report.path("protected")).hasSize(1);
    assertThat(report.path("run").path("tokens").asLong()).isEqualTo(16 * 2 * 4);
    try (var checkpoint = Checkpoint.open(pruned.directory())) {
      assertThat(checkpoint.graph().parameterCount()).isEqualTo(after);
    }

    var recovered = RecoverStage.run(recover(), false, Device.cpu(), Progress.silent());
    var losses = RecoverStage.losses(recovered);
    assertThat(losses.get(1).mean()).isLessThanOrEqualTo(losses.get(0).mean());
    assertThat(losses.get(0).losses().keySet()).containsExactly("alpaca", "wikipedia");
    try (var checkpoint = Checkpoint.open(recovered.directory())) {
      assertThat(checkpoint.graph().parameterCount()).isEqualTo(after);
    }
    expectCards(pruned, recovered, after);
  }

  /** A narrower stream is an ordinary model of the family, whose heads are as wide as before. */
  @Test
  void channelsOfTheStreamLeaveAnOrdinaryModel() {
    var settings =
        settings(
            PruneSettings.class,
            "checkpoint=@dense",
            "corpus=@corpus",
            "output=@pruned",
            "method=llm-pruner",
            "llmPruner.by=channel",
            "ratio=0.25",
            "rows=4");
    var pruned = PruneStage.run(settings, false, Device.cpu(), Progress.silent());
    var report = JsonFile.read(pruned.file(PruneStage.REPORT));
    assertThat(report.path("widths").toString()).isEqualTo("{\"hidden\":12}");
    var config = JsonFile.read(pruned.file("config.json"));
    assertThat(config.path("model_type").asText()).isEqualTo("llama");
    assertThat(config.path("hidden_size").asInt()).isEqualTo(12);
    assertThat(config.path("head_dim").asInt()).isEqualTo(4);
    try (var checkpoint = Checkpoint.open(pruned.directory())) {
      assertThat(checkpoint.graph().parameterCount())
          .isEqualTo(report.path("parametersAfter").asLong())
          .isEqualTo(report.path("parametersBefore").asLong() * 3 / 4);
    }
    var recovered = RecoverStage.run(recover(), false, Device.cpu(), Progress.silent());
    var losses = RecoverStage.losses(recovered);
    assertThat(losses.get(1).mean()).isLessThanOrEqualTo(losses.get(0).mean());
  }

  /**
   * What pruning took, whose the model was, and the recipe of both stages stand in both folders.
   */
  private static void expectCards(
      PublishedDirectory pruned, PublishedDirectory recovered, long left) {
    for (var stage : List.of(pruned, recovered)) {
      assertThat(stage.verified("LICENSE")).hasContent("Terms");
      assertThat(stage.verified("README.md"))
          .content()
          .contains("base_model: owner/dense\n", "license: mit\n", "- pruned\n", "ratio: 0.1\n")
          .contains(" became %,d, ".formatted(left))
          .contains("- alpaca: made up\n- wikipedia: made up\n", "`lorashear prune`\n")
          .contains("- transformers: `AutoModelForCausalLM.from_pretrained(\"DIR\")`");
    }
    assertThat(recovered.file("README.md"))
        .content()
        .contains("# A recovered model\n", "`lorashear recover`\n", "- `prune`: " + pruned.hash())
        .contains("- `recover`: this folder\n");
  }

  @Test
  void theSameSettingsGiveTheSameBytesElsewhere() {
    analyze();
    var first = PruneStage.run(prune(), false, Device.cpu(), Progress.silent());
    var second = PruneStage.run(prune("output=@again"), false, Device.cpu(), Progress.silent());
    assertThat(second.manifest().path("files")).isEqualTo(first.manifest().path("files"));
  }

  @Test
  void aModelInAnotherFolderIsRecoveredToTheSameBytes() throws IOException {
    var first = recovered("dense", "first");
    Files.createDirectory(folder.resolve("moved"));
    Files.move(folder.resolve("dense"), folder.resolve("moved/model"));
    assertThat(recovered("moved/model", "second").hash()).isEqualTo(first.hash());
  }

  private PublishedDirectory recovered(String checkpoint, String output) {
    var settings = recover("checkpoint=@" + checkpoint, "output=@" + output);
    return RecoverStage.run(settings, false, Device.cpu(), Progress.silent());
  }

  @Test
  void aModelThatDoesNotFitTheCorpusIsNamed() throws IOException {
    dense("small", 24);
    assertThatThrownBy(
            () ->
                RecoverStage.run(
                    recover("checkpoint=@small"), false, Device.cpu(), Progress.silent()))
        .isInstanceOf(InputException.class)
        .hasMessageMatching(
            "row alpaca/train/\\d+/\\d+ of .*corpus holds the token id \\d+, but the model's"
                + " embedding has 24 rows: tokenize the corpus with the tokenizer that came with"
                + " the model, without added tokens beyond them");
    assertThat(Files.exists(folder.resolve("recovered"))).isFalse();
  }

  @Test
  void aRatioOutOfReachPublishesNothing() {
    analyze();
    assertThatThrownBy(
            () -> PruneStage.run(prune("ratio=0.9"), false, Device.cpu(), Progress.silent()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("the largest ratio that can be reached is 0.");
    assertThat(Files.exists(folder.resolve("pruned"))).isFalse();
  }

  @Test
  void anAxisThatIsNotThereIsNamed() {
    analyze();
    assertThatThrownBy(
            () ->
                PruneStage.run(
                    prune("protect=[layers.0.mlp.chanels]"),
                    false,
                    Device.cpu(),
                    Progress.silent()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "protect names the axis layers.0.mlp.chanels, which the model does not have: did you"
                + " mean layers.0.mlp.channels");
  }

  @Test
  void everyMethodMakesTheShapeThatIsAskedFor() {
    for (var method :
        List.of("magnitude", "fisher", "taylor", "random", "lhspg", "sheared-llama", "ddp")) {
      var settings =
          prune(
              "method=" + method,
              "shape=uniform-ffn",
              "unprunable=0",
              "profile=@profile",
              "output=@" + method);
      analyze();
      var pruned = PruneStage.run(settings, false, Device.cpu(), Progress.silent());
      try (var checkpoint = Checkpoint.open(pruned.directory())) {
        var config = checkpoint.config();
        assertThat(ShapeChecks.broken(Shape.UNIFORM_FFN, 1, config)).isEmpty();
        assertThat(config.layers().get(0).channels()).isLessThan(12);
        assertThat(config.fields().has("per_layer_config")).isFalse();
      }
    }
  }

  /** Whatever the scores of two layers are, what they lose differs by a group at most. */
  @Test
  void theSameShareGoesOfEveryAxisWhereThatIsAskedFor() {
    analyze();
    for (var method : List.of("magnitude", "random", "taylor", "fisher")) {
      var settings =
          prune(
              "method=" + method,
              "choice=local",
              "unprunable=0",
              "ratio=0.15",
              "output=@local-" + method);
      var pruned = PruneStage.run(settings, false, Device.cpu(), Progress.silent());
      try (var checkpoint = Checkpoint.open(pruned.directory())) {
        var layers = checkpoint.config().layers();
        assertThat(layers.get(0).keyValueHeads() - layers.get(1).keyValueHeads()).isBetween(-1, 1);
        assertThat(layers.get(0).channels() - layers.get(1).channels()).isBetween(-1, 1);
        long left = checkpoint.graph().parameterCount();
        var report = JsonFile.read(pruned.file(PruneStage.REPORT));
        double gone = 1 - (double) left / report.path("parametersBefore").asLong();
        assertThat(gone).isBetween(0.15, 0.17);
      }
    }
  }

  @Test
  void settingsOfAnotherMethodAreTold() {
    assertThatThrownBy(
            () -> prune("method=taylor", "magnitude.readToo=false", "choice=local", "shape=deci"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("2 problems")
        .hasMessageContaining(
            "magnitude is given, but method is taylor, which does not read it: leave it out, or"
                + " choose the method magnitude")
        .hasMessageContaining(
            "shape is deci, which takes whole attentions and layers, but the method taylor takes"
                + " the same share of every axis: set choice to global, or choose another shape");
    assertThatThrownBy(() -> prune("choice=global"))
        .hasMessageContaining(
            "choice is global, but method is lhspg, which chooses in a way of its own: leave it"
                + " out");
    assertThat(prune("method=magnitude", "magnitude.readToo=false").magnitude().get().readToo())
        .isFalse();
  }

  @Test
  void aModelWithoutAnAttentionIsWrittenAndReadAgain() {
    var deci =
        prune(
            "method=random",
            "shape=deci",
            "ratio=0.22",
            "compensation.rows=2",
            "seed=3",
            "output=@deci");
    analyze();
    var pruned = PruneStage.run(deci, false, Device.cpu(), Progress.silent());
    try (var checkpoint = Checkpoint.open(pruned.directory())) {
      assertThat(checkpoint.config().layers().get(1).attends()).isFalse();
      assertThat(checkpoint.config().layers().get(1).hasMlp()).isTrue();
      assertThat(checkpoint.graph().parameterCount())
          .isEqualTo(
              JsonFile.read(pruned.file(PruneStage.REPORT)).path("parametersAfter").asLong());
    }
    var recovered =
        RecoverStage.run(
            recover("checkpoint=@deci", "train.recompute=true"),
            false,
            Device.cpu(),
            Progress.silent());
    try (var checkpoint = Checkpoint.open(recovered.directory())) {
      assertThat(checkpoint.config().layers().get(1).attends()).isFalse();
    }
    var again = prune("checkpoint=@deci", "output=@twice", "shape=uniform-ffn", "unprunable=0");
    assertThatThrownBy(() -> PruneStage.run(again, false, Device.cpu(), Progress.silent()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "shape is uniform-ffn for a llama model: layers without attention or MLP stay unlike"
                + " others: choose deci or free");
  }

  @Test
  void allThatContradictsAShapeIsToldTogether() {
    analyze();
    var settings =
        prune(
            "shape=uniform-ffn",
            "multiple=8",
            "unprunable=0",
            "protect=[layers.0.mlp.channels, layers.0.mlp.chanels]");
    assertThatThrownBy(() -> PruneStage.run(settings, false, Device.cpu(), Progress.silent()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "protect names the axis layers.0.mlp.chanels, which the model does not have: did you"
                + " mean layers.0.mlp.channels\n"
                + "shape is uniform-ffn for a llama model: it takes the same from every layer, but"
                + " layers.0.mlp.channels may lose nothing: protect all of that kind or none, or"
                + " choose the shape free or deci");
    assertThat(Files.exists(folder.resolve("pruned"))).isFalse();
    assertThatThrownBy(() -> prune("shape=uniform", "multiple=7", "experts=true"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("multiple is 7: give one of [1, 8, 32, 64, 128, 256]")
        .hasMessageContaining("with experts: true MLPs keep their widths")
        .hasMessageContaining(
            "shape is uniform, which takes the same from every layer, but the profile protects a"
                + " share of 0.25 of the axes: set unprunable to 0, or choose the shape deci or"
                + " free");
  }

  @Test
  void recoveryDrawsFromTheSourcesThatAreNamed() {
    analyze();
    PruneStage.run(prune("unprunable=0"), false, Device.cpu(), Progress.silent());
    var one = RecoverStage.run(recover("sources=[alpaca]"), false, Device.cpu(), Progress.silent());
    assertThat(JsonFile.read(one.file(RecoverStage.REPORT)).path("tokens").asLong())
        .isEqualTo(6 * 4);
    assertThatThrownBy(
            () ->
                RecoverStage.run(
                    recover("sources=[books]", "output=@other"),
                    false,
                    Device.cpu(),
                    Progress.silent()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("sources names books, which ")
        .hasMessageContaining("does not have: there are alpaca, wikipedia");
    assertThatThrownBy(() -> recover("sources=[alpaca]", "subset=@subset"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("sources and subset are both set");
  }
}
