package io.lorashear.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.SmallCorpus;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.method.PruneSettings;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.settings.Settings;
import io.lorashear.train.TinyModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The last step of pruning as the stage runs it. */
class RebuildingTest {
  @TempDir Path folder;

  @BeforeEach
  void corpusAndModel() throws Exception {
    SmallCorpus.write(folder.resolve("corpus"));
    var config = TinyModel.config(256);
    write("dense", config);
  }

  private void write(String name, ModelConfig config) {
    var graph = Family.of(config).trace(config);
    CheckpointWriter.write(folder.resolve(name), config, TinyModel.weights(graph, 1), List.of());
  }

  private PruneSettings settings(String... more) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=" + folder.resolve("dense"),
                "corpus=" + folder.resolve("corpus"),
                "output=" + folder.resolve("pruned"),
                "ratio=0.1",
                "rows=8",
                "method=fisher"));
    values.addAll(List.of(more));
    return Settings.defaults(PruneSettings.class, values);
  }

  private PublishedDirectory prune(String name, String... more) {
    var values = new ArrayList<>(List.of(more));
    values.add("output=" + folder.resolve(name));
    return PruneStage.run(
        settings(values.toArray(String[]::new)), false, Device.cpu(), Progress.silent());
  }

  private static JsonNode report(PublishedDirectory published) {
    return JsonFile.read(published.file(PruneStage.REPORT));
  }

  /** Names of the tensors in which two checkpoints of one shape differ. */
  private static Set<String> different(PublishedDirectory one, PublishedDirectory other) {
    var names = new TreeSet<String>();
    try (var a = Checkpoint.open(one.directory());
        var b = Checkpoint.open(other.directory())) {
      for (var name : a.tensors().tensors().keySet()) {
        var values = a.tensors().floats(name);
        assertThat(values).hasSameSizeAs(b.tensors().floats(name));
        if (!Arrays.equals(values, b.tensors().floats(name))) {
          names.add(name);
        }
      }
    }
    return names;
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense", "stream"})
  void outputMatricesAloneChangeAndComeNearer(String towards) {
    var plain = prune("plain");
    var towardsDense =
        prune("dense-" + towards, "compensation.rows=8", "compensation.towards=" + towards);
    assertThat(report(towardsDense).path("removed")).isEqualTo(report(plain).path("removed"));
    var refitted = report(towardsDense).at("/run/rebuilt/refitted");
    assertThat(refitted).hasSize(4);
    expectNearer(refitted);
    assertThat(different(plain, towardsDense))
        .isNotEmpty()
        .allMatch(name -> name.contains("o_proj") || name.contains("down_proj"));
    var again = prune("again-" + towards, "compensation.rows=8", "compensation.towards=" + towards);
    assertThat(different(towardsDense, again)).isEmpty();
  }

  /**
   * It is the last step, so it goes with methods that refit in a way of their own or not at all.
   */
  @ParameterizedTest
  @ValueSource(strings = {"obs", "flap", "ddp", "lhspg"})
  void itFollowsEveryMethod(String method) {
    var common =
        List.of(
            "method=" + method,
            "lhspg.warmupSteps=2",
            "lhspg.periods=2",
            "lhspg.stepsPerPeriod=3",
            "lhspg.coolDownSteps=0");
    var values = new ArrayList<>(common);
    if (method.equals("ddp")) {
      values.addAll(List.of("ddp.steps=3", "ddp.top=8"));
    }
    values.addAll(List.of("compensation.rows=8", "compensation.towards=dense"));
    var figures = report(prune("rebuilt", values.toArray(String[]::new))).at("/run/rebuilt");
    assertThat(figures.path("refitted").size()).isBetween(2, 4);
    expectNearer(figures.path("refitted"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void attentionsAndMlpsAreTrained(int rank) {
    var common = new String[] {"reconstruction.steps=6", "reconstruction.rank=" + rank};
    var plain = prune("plain");
    var trained = prune("trained", common);
    var run = report(trained).path("run");
    assertThat(run.at("/rebuilt/reconstructed")).hasSize(4);
    expectNearer(run.at("/rebuilt/reconstructed"));
    // steps of two rows of four tokens
    assertThat(run.path("tokens").asLong()).isEqualTo(6 * 2 * 4);
    assertThat(run.at("/rebuilt/tokens").asLong()).isEqualTo(6 * 2 * 4);
    assertThat(different(plain, trained)).anyMatch(name -> name.contains("gate_proj"));
    assertThat(different(trained, prune("again", common))).isEmpty();
  }

  private static void expectNearer(JsonNode matrices) {
    double before = 0;
    double after = 0;
    for (var matrix : matrices) {
      assertThat(matrix.path("after").asDouble())
          .isLessThanOrEqualTo(matrix.path("before").asDouble());
      before += matrix.path("before").asDouble();
      after += matrix.path("after").asDouble();
    }
    assertThat(after).isLessThan(before);
  }

  @Test
  void contradictionsAreToldTogether() {
    assertThatThrownBy(
            () ->
                settings(
                    "compensation.towards=dense", "compensation.damping=2", "method=llm-pruner"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "compensation.towards is dense, but rows is 0, so that nothing is refitted: set rows,"
                + " for example to 8, or leave towards out")
        .hasMessageContaining("compensation.damping is 2.0");
    assertThatThrownBy(() -> settings("reconstruction.steps=2", "reconstruction.rows=9"))
        .hasMessageContaining(
            "reconstruction.rows is 9, but rows is 8: what attentions and MLPs are trained on is"
                + " part of what is drawn");
    assertThatThrownBy(
            () -> settings("reconstruction.steps=2", "method=llm-pruner", "llmPruner.by=channel"))
        .hasMessageContaining(
            "reconstruction.steps is 2, but llmPruner.by is channel, and a narrower residual stream"
                + " cannot be compared with the dense one: leave one of the two out");
    assertThatThrownBy(
            () ->
                settings(
                    "compensation.rows=8",
                    "compensation.towards=stream",
                    "lora.adapter=adapter",
                    "method=sheared-llama",
                    "sheared.hidden=8"))
        .hasMessageContaining(
            "compensation.towards is stream, but lora.adapter is set, and the dense model lacks the"
                + " adapter: merge it first, or leave compensation.towards out")
        .hasMessageContaining(
            "compensation.towards is stream, but sheared.hidden is 8, and a narrower residual"
                + " stream cannot be compared with the dense one: leave one of the two out");
    assertThatThrownBy(
            () ->
                settings(
                    "compensation.rows=8",
                    "compensation.towards=dense",
                    "method=llm-pruner",
                    "llmPruner.by=channel"))
        .hasMessageContaining("compensation.rows is 8: set it to 0");
  }

  private static ObjectNode fields(String family) {
    var fields = JsonFile.object();
    fields.put("model_type", family).put("num_hidden_layers", 2).put("head_dim", 4);
    fields.put("vocab_size", 256).put("hidden_size", 16).put("intermediate_size", 12);
    fields.put("num_attention_heads", 4).put("num_key_value_heads", 2);
    return fields.put("max_position_embeddings", 64).put("rms_norm_eps", 1e-5);
  }

  @Test
  void modelsThatCannotBeComparedAreRefused() {
    var experts = fields("mixtral").put("num_local_experts", 4).put("num_experts_per_tok", 2);
    write("experts", ModelConfig.parse(experts, "a test"));
    var sandwich = fields("olmo2").put("hidden_act", "silu");
    sandwich.remove("head_dim");
    write("sandwich", ModelConfig.parse(sandwich, "a test"));
    assertThatThrownBy(
            () ->
                prune(
                    "refused",
                    "checkpoint=" + folder.resolve("experts"),
                    "compensation.rows=8",
                    "compensation.towards=dense"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "compensation.towards is set, but the model has experts, to which the pruned model"
                + " sends other tokens than the dense one: leave it out");
    assertThatThrownBy(
            () ->
                prune(
                    "refused",
                    "checkpoint=" + folder.resolve("sandwich"),
                    "compensation.rows=8",
                    "compensation.towards=stream"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "compensation.towards is stream, but the model norms what"
                + " model.layers.0.self_attn.o_proj.weight says before it is added to the residual"
                + " stream: set it to dense");
    var normed =
        prune(
            "normed",
            "checkpoint=" + folder.resolve("sandwich"),
            "compensation.rows=8",
            "compensation.towards=dense");
    assertThat(report(normed).at("/run/rebuilt/refitted")).hasSize(4);
  }
}
