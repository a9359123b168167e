package io.lorashear.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.Compressor;
import io.lorashear.compress.WidthPlan;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SmallCorpus;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.method.PruneSettings;
import io.lorashear.reference.ReferenceData;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.settings.Settings;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.Draw;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Widths by measured losses, with a real, very small model: stories260K. */
@Tag("reference")
class AllocatedPruningTest {
  private static final Path MODEL = ReferenceData.path("reference/stories260K-hf");

  @TempDir Path folder;

  @BeforeEach
  void corpus() throws IOException {
    SmallCorpus.write(folder.resolve("corpus"));
  }

  private PruneSettings settings(String name, String... more) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=" + MODEL,
                "corpus=" + folder.resolve("corpus"),
                "output=" + folder.resolve(name),
                "rows=6",
                "ratio=0.2",
                "lhspg.warmupSteps=1",
                "lhspg.periods=2",
                "lhspg.stepsPerPeriod=2",
                "lhspg.coolDownSteps=0"));
    values.addAll(List.of(more));
    return Settings.defaults(PruneSettings.class, values);
  }

  private PublishedDirectory prune(String name, String... more) {
    return PruneStage.run(settings(name, more), false, Device.cpu(), Progress.silent());
  }

  private static JsonNode allocation(PublishedDirectory pruned) {
    return JsonFile.read(pruned.file("allocation.json"));
  }

  private static JsonNode report(PublishedDirectory pruned) {
    return JsonFile.read(pruned.file(PruneStage.REPORT));
  }

  private static void expectWidthsAsAllocated(PublishedDirectory pruned) {
    var removed = report(pruned).path("removed");
    long gone =
        report(pruned).path("parametersBefore").asLong()
            - report(pruned).path("parametersAfter").asLong();
    var allocation = allocation(pruned);
    assertThat(gone)
        .isEqualTo(allocation.path("parameters").asLong())
        .isGreaterThanOrEqualTo(allocation.path("budget").asLong());
    for (var axis : allocation.path("axes")) {
      assertThat(removed.path(axis.path("axis").asText()).size())
          .isEqualTo(axis.path("removed").asInt())
          .isLessThanOrEqualTo(axis.path("chosen").asInt());
      var options = axis.path("options");
      assertThat(options.get(0).path("removed").asInt()).isZero();
      assertThat(options.get(0).path("loss").asDouble()).isZero();
      for (int j = 1; j < options.size(); j++) {
        assertThat(options.get(j).path("loss").asDouble()).isPositive();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fisher",
        "taylor",
        "magnitude",
        "random",
        "llm-pruner",
        "fisher rounds=3",
        "fisher compensation.rows=2",
        "fisher saliency.joint=true",
        "lhspg",
        "lhspg compensation.rows=2 saliency.fisher=1 saliency.measure=period"
      })
  void everyMethodTakesWhatWasAllocated(String method) {
    var values = new ArrayList<>(List.of("allocation.enabled=true"));
    var words = method.split(" ");
    values.add("method=" + words[0]);
    values.addAll(List.of(words).subList(1, words.length));
    expectWidthsAsAllocated(prune("pruned", values.toArray(String[]::new)));
  }

  /** By another road: models of their own whose groups are zero, and logarithms in Java. */
  @Test
  void lossesAreDivergencesOfTheDenseModelsDistributions() {
    var pruned = prune("pruned", "method=taylor", "allocation.enabled=true");
    int compared = 0;
    try (var checkpoint = Checkpoint.open(MODEL)) {
      var rows = rows(checkpoint);
      var dense = distributions(checkpoint, checkpoint.tensors(), rows);
      assertThat(allocation(pruned).path("tokens").asInt()).isEqualTo(dense.size());
      for (var axis : allocation(pruned).path("axes")) {
        var name = axis.path("axis").asText();
        int removed = axis.path("removed").asInt();
        if (removed > 0 && removed == axis.path("chosen").asInt()) {
          var gone =
              Groups.of(
                  name,
                  StreamSupport.stream(
                          report(pruned).at("/removed").path(name).spliterator(), false)
                      .mapToInt(JsonNode::asInt)
                      .toArray());
          var masked =
              Compressor.mask(
                  PruningSpace.of(checkpoint.graph()), checkpoint.tensors(), new WidthPlan(gone));
          var without = distributions(checkpoint, masked, rows);
          assertThat(loss(axis, removed)).isCloseTo(divergence(dense, without), within(1e-5));
          compared++;
        }
      }
    }
    assertThat(compared).isPositive();
  }

  private static double loss(JsonNode axis, int removed) {
    return StreamSupport.stream(axis.path("options").spliterator(), false)
        .filter(option -> option.path("removed").asInt() == removed)
        .findFirst()
        .orElseThrow()
        .path("loss")
        .asDouble();
  }

  /** The first two rows of each source, as the stage draws them. */
  private List<int[]> rows(Checkpoint checkpoint) {
    var settings = settings("rows");
    var drawn =
        Draw.text(settings.corpus(), checkpoint)
            .uniform(Sequence.TRAIN, settings.rows(), settings.seed());
    var rows = new ArrayList<int[]>();
    for (var source : List.of("alpaca", "wikipedia")) {
      drawn.stream()
          .filter(row -> row.source().equals(source))
          .limit(2)
          .forEach(row -> rows.add(row.inputIds()));
    }
    return rows;
  }

  /** Logarithms of the probabilities after each token. */
  private static List<double[]> distributions(
      Checkpoint checkpoint, TensorSource tensors, List<int[]> rows) {
    var all = new ArrayList<double[]>();
    try (var model = TorchModel.load(checkpoint.graph(), tensors, Device.cpu());
        var scope = model.manager().newSubManager()) {
      for (var row : rows) {
        var logits = model.logits(scope, model.ids(scope, row)); // (1, T, vocabulary)
        var values = logits.toFloatArray();
        int vocabulary = values.length / row.length;
        for (int t = 0; t < row.length; t++) {
          double sum = 0;
          for (int v = 0; v < vocabulary; v++) {
            sum += Math.exp(values[t * vocabulary + v]);
          }
          var logarithms = new double[vocabulary];
          for (int v = 0; v < vocabulary; v++) {
            logarithms[v] = values[t * vocabulary + v] - Math.log(sum);
          }
          all.add(logarithms);
        }
      }
    }
    return all;
  }

  private static double divergence(List<double[]> dense, List<double[]> without) {
    double sum = 0;
    for (int t = 0; t < dense.size(); t++) {
      for (int v = 0; v < dense.get(t).length; v++) {
        double p = dense.get(t)[v];
        sum += Math.exp(p) * (p - without.get(t)[v]);
      }
    }
    return sum / dense.size();
  }

  @Test
  void wholeAttentionsAndMlpsGoWhereOnlyTheyAreOffered() {
    for (var method : List.of("fisher", "lhspg")) {
      var pruned =
          prune(method, "method=" + method, "allocation.enabled=true", "allocation.shares=[1]");
      expectWidthsAsAllocated(pruned);
      for (var axis : allocation(pruned).path("axes")) {
        assertThat(axis.path("removed").asInt()).isIn(0, axis.path("groups").asInt());
      }
      try (var smaller = Checkpoint.open(pruned.directory())) {
        assertThat(smaller.graph().parameterCount())
            .isEqualTo(report(pruned).path("parametersAfter").asLong());
      }
    }
  }

  /** Settings of what is off change no byte, and the same settings give the same bytes. */
  @Test
  void offItChangesNothingAndOnItRepeats() throws IOException {
    for (var method : List.of("method=fisher", "method=lhspg")) {
      var plain = prune("plain" + method, method);
      var off = prune("off" + method, method, "allocation.rows=1", "allocation.shares=[0.5]");
      var on = prune("on" + method, method, "allocation.enabled=true");
      var again = prune("again" + method, method, "allocation.enabled=true");
      for (var file : List.of("model.safetensors", "config.json", PruneStage.REPORT)) {
        assertThat(Files.readAllBytes(off.file(file)))
            .isEqualTo(Files.readAllBytes(plain.file(file)));
        assertThat(Files.readAllBytes(again.file(file)))
            .isEqualTo(Files.readAllBytes(on.file(file)));
      }
      assertThat(plain.directory().resolve("allocation.json")).doesNotExist();
      assertThat(Files.readAllBytes(again.file("allocation.json")))
          .isEqualTo(Files.readAllBytes(on.file("allocation.json")));
    }
  }

  @Test
  void aRatioThatTheSharesCannotReachIsRefusedBeforeAnythingRuns() {
    assertThatThrownBy(
            () ->
                prune(
                    "pruned",
                    "method=fisher",
                    "allocation.enabled=true",
                    "allocation.shares=[0.01]"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("but the widths that allocation.shares allows remove at most");
  }

  @Test
  void settingsThatContradictItAreRefusedTogether() {
    assertThatThrownBy(
            () ->
                settings(
                    "pruned",
                    "method=flap",
                    "allocation.enabled=true",
                    "allocation.rows=7",
                    "choice=local",
                    "shape=deci",
                    "experts=true"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "allocation.enabled is true, but method is flap, which decides in a way of its own how"
                + " much each axis loses: leave it out, or choose lhspg, fisher, taylor, magnitude,"
                + " random or llm-pruner")
        .hasMessageContaining(
            "allocation.enabled is true, but choice is local, and groups of one axis compete for"
                + " what is allocated to it: leave choice out")
        .hasMessageContaining(
            "allocation.enabled is true, but shape is deci, which has a rule of its own for widths:"
                + " set shape to free")
        .hasMessageContaining(
            "allocation.enabled is true, but experts is true, and without an expert its tokens go"
                + " to others, which is not measured: leave one of the two out")
        .hasMessageContaining(
            "allocation.rows is 7, but rows is 6: what is measured is part of what is drawn");
    assertThatThrownBy(() -> settings("pruned", "allocation.shares=[0, 1.5]", "allocation.rows=0"))
        .hasMessageContaining(
            "allocation.shares is [0.0, 1.5]: give shares of an axis above 0 and up to 1")
        .hasMessageContaining("allocation.rows is 0: at least one row of every source is needed");
    assertThatThrownBy(() -> settings("pruned", "allocation.shares=[]"))
        .hasMessageContaining(
            "allocation.shares has 0 values: give one to a hundred, for example [0.25, 0.5, 1]");
  }
}
