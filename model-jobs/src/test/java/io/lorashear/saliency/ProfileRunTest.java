package io.lorashear.saliency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.Compressor;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.run.Progress;
import io.lorashear.run.Stage;
import io.lorashear.score.Scorer;
import io.lorashear.score.SourceLosses;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileRunTest {
  @TempDir Path folder;

  private static List<AxisWeights> axes(PruningSpace space, TorchModel model) {
    return AxisWeights.of(
        space, space.prunable(PruningSpace.STRUCTURES), List.of(), model::parameter);
  }

  @Test
  void measuresEachAxisAloneAndPutsEveryBitBack() {
    var graph = TinyModel.graph();
    var weights = TinyModel.weights(graph, 1);
    var space = PruningSpace.of(graph);
    var sample = TinyModel.sequences(3, 16, 9);
    try (var model = TorchModel.load(graph, weights, Device.cpu())) {
      var axes = axes(space, model);
      var settings = new ProfileSettings(List.of(0.25, 0.5), 3, 1);
      var run = new ProfileRun(model, 64, sample, settings, folder);
      assertThat(run.cost(axes.size())).isEqualTo(3 * 16 * (1 + 2L * axes.size()));
      var profile = run.run(axes, Progress.silent());

      for (var name : graph.parameters().keySet()) {
        assertThat(model.tensors().floats(name)).isEqualTo(weights.floats(name));
      }
      // By another road: the channels of least norm, found by loops, masked in a model of its own.
      var axis = axes.stream().filter(a -> a.name().contains("channels")).findFirst().get();
      var plan = WidthPlan.everything().without(axis.name(), weakest(axis, weights, 6));
      try (var masked =
          TorchModel.load(graph, Compressor.mask(space, weights, plan), Device.cpu())) {
        double without = SourceLosses.mean(SourceLosses.of(Scorer.over(masked, 64), sample));
        var impact = profile.axes().get(axes.indexOf(axis));
        assertThat(impact.axis()).isEqualTo(axis.name());
        assertThat(impact.deviations().get(1)).isCloseTo(without - profile.dense(), within(1e-5));
      }
    }
  }

  private static int[] weakest(AxisWeights axis, TensorSource weights, int count) {
    var norms = new double[axis.size()];
    for (var slice : axis.zeroed()) {
      var values = weights.floats(slice.name());
      int width = values.length / norms.length;
      for (int i = 0; i < values.length; i++) {
        norms[i / width] += (double) values[i] * values[i];
      }
    }
    return IntStream.range(0, norms.length)
        .boxed()
        .sorted((a, b) -> Double.compare(norms[a], norms[b]))
        .limit(count)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  @Test
  void finishedAxesAreNotMeasuredAgain() throws Exception {
    var graph = TinyModel.graph();
    var space = PruningSpace.of(graph);
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu())) {
      var axes = axes(space, model);
      var settings = new ProfileSettings(List.of(0.5), 3, 1);
      var sample = TinyModel.sequences(3, 16, 9);
      var whole =
          new ProfileRun(model, 64, sample, settings, folder.resolve("a"))
              .run(axes, Progress.silent());
      new ProfileRun(model, 64, sample, settings, folder.resolve("b"))
          .run(axes.subList(0, 2), Progress.silent()); // killed after two
      var first = folder.resolve("b").resolve(axes.get(0).name() + ".json");
      var written = Files.getLastModifiedTime(first);
      var resumed =
          new ProfileRun(model, 64, sample, settings, folder.resolve("b"))
              .run(axes, Progress.silent());
      assertThat(resumed).isEqualTo(whole);
      assertThat(Files.getLastModifiedTime(first)).isEqualTo(written);
      whole.write(folder);
      assertThat(KnowledgeProfile.read(folder)).isEqualTo(whole);
    }
  }

  @Test
  void protectsFewerWhereTheBudgetNeedsIt() {
    var impacts = new ArrayList<KnowledgeProfile.AxisImpact>();
    for (int i = 0; i < 10; i++) {
      impacts.add(new KnowledgeProfile.AxisImpact("axis" + i, List.of((double) (i * 7 % 10))));
    }
    var profile = new KnowledgeProfile(List.of(0.5), 3, impacts);
    assertThat(profile.unprunable(0.3, names -> true)).containsExactly("axis7", "axis4", "axis1");
    assertThat(profile.unprunable(0.3, names -> names.size() < 2)).isEqualTo(Set.of("axis7"));
    assertThat(profile.unprunable(0.3, names -> false)).isEmpty();
  }

  @Test
  void aProfileThatWasChangedIsRefused() throws IOException {
    var profile =
        new KnowledgeProfile(
            List.of(0.5), 3, List.of(new KnowledgeProfile.AxisImpact("axis", List.of(1.0))));
    var published = folder.resolve("published");
    Stage.of("analyze", published, new ProfileSettings(List.of(0.5), 3, 1), ProfileRunTest.class)
        .run(output -> profile.write(output.directory()));
    assertThat(KnowledgeProfile.read(published)).isEqualTo(profile);
    var file = published.resolve("profile.json");
    Files.writeString(file, Files.readString(file).replace("1.0", "2.0"));
    assertThatThrownBy(() -> KnowledgeProfile.read(published))
        .isInstanceOf(InputException.class)
        .hasMessage(
            file
                + " was changed after it was published (its SHA-256 is not the manifest's): run"
                + " analyze again");
  }
}
