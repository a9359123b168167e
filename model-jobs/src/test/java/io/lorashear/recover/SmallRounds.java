package io.lorashear.recover;

import ai.djl.Device;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.corpus.Sequence;
import io.lorashear.graph.ModelGraph;
import io.lorashear.run.Progress;
import io.lorashear.score.Scorer;
import io.lorashear.score.SourceLosses;
import io.lorashear.settings.Settings;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.TinyModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rounds on a tiny model whose rows have a pattern that can be learnt. */
final class SmallRounds {
  static final ModelGraph GRAPH = TinyModel.graph();
  static final List<Sequence> HELD_OUT = TinyModel.sequences(4, 16, 99);
  private static final List<Sequence> SUBSET = TinyModel.sequences(40, 16, 3);

  /** A round that is over, and all weights of its model. */
  record Ending(RoundResult result, Map<String, float[]> weights) {}

  private SmallRounds() {}

  /** 20 steps of 4 rows, validated 4 times, with a state after every third step. */
  static RecoverSettings settings(String... more) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=pruned",
                "corpus=corpus",
                "output=recovered",
                "passes=2",
                "lora.rank=4",
                "lora.alpha=8",
                "train.learningRate=1e-2",
                "train.rows=4",
                "train.saveEvery=3"));
    values.addAll(List.of(more));
    return Settings.defaults(RecoverSettings.class, values);
  }

  static Ending run(Path scratch, Progress progress, String... more) {
    try (var round =
        new Round(GRAPH, TinyModel.weights(GRAPH, 1), 64, settings(more), Device.cpu())) {
      var result = round.run(SUBSET, HELD_OUT, null, scratch, progress);
      var weights = new LinkedHashMap<String, float[]>();
      var tensors = round.tensors();
      tensors.tensors().keySet().forEach(name -> weights.put(name, tensors.floats(name)));
      return new Ending(result, weights);
    }
  }

  /** The held-out loss of a plain model with these weights. */
  static double loss(Map<String, float[]> weights) {
    var tensors = new InMemoryTensors();
    weights.forEach((name, values) -> tensors.put(name, values, GRAPH.parameter(name).shape()));
    try (var plain = TorchModel.load(GRAPH, tensors, Device.cpu())) {
      return SourceLosses.of(Scorer.over(plain, 64), HELD_OUT).get("counting").doubleValue();
    }
  }

  /** A progress that ends the run during step {@code steps}. */
  static Progress diesAfter(int steps) {
    return (what, total, unit) ->
        new Progress.Work() {
          private int done;

          @Override
          public void step(long units) {
            if (++done == steps) {
              throw new IllegalStateException("killed");
            }
          }

          @Override
          public void note(String text) {}

          @Override
          public void close() {}
        };
  }
}
