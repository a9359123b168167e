package io.lorashear.bench;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.Compressor;
import io.lorashear.compress.Compressor.Compressed;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.LinearProducts;
import io.lorashear.graph.ModelGraph;
import io.lorashear.lora.LoraSettings;
import io.lorashear.optim.AdamSettings;
import io.lorashear.optim.PruningBudget;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.Baselines;
import io.lorashear.score.Scorer;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batches;
import io.lorashear.train.TrainLoop;
import io.lorashear.train.TrainSettings;
import java.util.List;
import java.util.Set;

/**
 * Measures a model and the same model without a random share of its parameters in turn: what
 * pruning saves in time, compared with operations.
 *
 * @param bench of the whole model
 * @param ratio share of all parameters that goes, in (0, 1)
 */
public record PruningBench(ModelBench bench, double ratio) {
  private static final double CAP = 0.8;

  /** Whole steps of LoRA training. */
  public Saving train(LoraSettings lora, TrainSettings settings) {
    try (var opened = Checkpoint.open(bench.checkpoint())) {
      var cut = cut(opened.graph(), opened.tensors());
      try (var dense = adapted(opened.graph(), opened.tensors(), lora, settings);
          var pruned = adapted(cut.graph(), cut.tensors(), lora, settings)) {
        double share = operations(pruned.model(), true) / operations(dense.model(), true);
        return measure(Workload.TRAIN, share, step(dense, settings), step(pruned, settings));
      }
    }
  }

  /** Losses of every token from the second on. */
  public Saving score() {
    try (var opened = Checkpoint.open(bench.checkpoint())) {
      var cut = cut(opened.graph(), opened.tensors());
      try (var dense = TorchModel.load(opened.graph(), opened.tensors(), bench.device());
          var pruned = TorchModel.load(cut.graph(), cut.tensors(), bench.device())) {
        double share = operations(pruned, false) / operations(dense, false);
        return measure(Workload.SCORE, share, scoring(dense), scoring(pruned));
      }
    }
  }

  private Compressed cut(ModelGraph graph, TensorSource tensors) {
    try (var model = TorchModel.load(graph, tensors, bench.device())) {
      var space = PruningSpace.of(graph);
      var prunable = space.prunable(PruningSpace.STRUCTURES);
      var axes = AxisWeights.of(space, prunable, List.of(), model::parameter);
      var budget = PruningBudget.of(ratio, graph.parameterCount(), CAP, axes);
      var gone = budget.choose(axes, Baselines.comparable(axes, Baselines.random(axes, 1)));
      return Compressor.compress(graph, tensors, new WidthPlan(gone));
    }
  }

  private AdaptedModel adapted(
      ModelGraph graph, TensorSource tensors, LoraSettings lora, TrainSettings settings) {
    return AdaptedModel.load(graph, tensors, lora, 1, settings.placement(bench.device()));
  }

  private Runnable step(AdaptedModel model, TrainSettings settings) {
    var batches = Batches.inOrder(bench.sequences(model.model()), bench.rows(), 1);
    var adam = model.adam(AdamSettings.USUAL);
    var schedule = settings.schedule(bench.repetitions());
    var loop = new TrainLoop(model.model(), adam, schedule, batches, settings);
    return () -> loop.run(loop.history().size() + 1, result -> {});
  }

  private Runnable scoring(TorchModel model) {
    var scorer = Scorer.over(model, bench.length());
    var ids = bench.sequences(model).stream().map(sequence -> sequence.inputIds()).toList();
    return () -> scorer.tokenLosses(ids);
  }

  private double operations(TorchModel model, boolean training) {
    var learning = training ? model.trainable().keySet() : Set.<String>of();
    int predicted = bench.rows() * (bench.length() - 1);
    int tokens = training ? bench.rows() * bench.length() : predicted;
    return LinearProducts.of(model.graph(), learning).operations(tokens, predicted);
  }

  private Saving measure(Workload workload, double operations, Runnable dense, Runnable pruned) {
    dense.run();
    pruned.run();
    var times = Repetitions.alternating(bench.repetitions(), List.of(dense, pruned));
    return new Saving(workload, ratio, operations, times.get(0), times.get(1));
  }
}
