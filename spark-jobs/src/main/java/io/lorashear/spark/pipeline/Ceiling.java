package io.lorashear.spark.pipeline;

import io.lorashear.recover.Convergence;
import io.lorashear.recover.RecoverStage;
import io.lorashear.recover.Rounds;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The ceiling of recovery: the dense model, given the recovery that the pruned model had. Training
 * on a corpus also adapts a model to it, so that a recovered model may become better there than the
 * dense one is; the ceiling shows how much better.
 *
 * <pre>
 *   for each subset that the pruned model learnt from, in order:  ceiling ← recover(ceiling, subset)
 *   ceiling ← the state with the lowest held-out loss, the dense model included
 *   ceiling ← recover(ceiling, subset of the instructions) on responses
 * </pre>
 *
 * Subsets, rows, their order, teachers and settings are those of the pruned model, but if the
 * ceiling itself is the teacher, it learns from the next tokens alone. What pruning itself trains
 * on is not repeated.
 */
final class Ceiling {
  private final PipelineSettings settings;
  private final StageSettings placed;
  private final Stages stages;
  private final Map<Path, Rounds.Done> trained = new HashMap<>(); // by subset

  Ceiling(PipelineSettings settings, StageSettings placed, Stages stages) {
    this.settings = settings;
    this.placed = placed;
    this.stages = stages;
  }

  /**
   * Trains the dense model. What it learnt in an earlier call it does not learn again, so it can
   * teach the pruned model in each round.
   *
   * @param subsets the subsets of all rounds that the pruned model had
   * @param instructions the subset of the instructions, if it learnt from one
   * @return the trained checkpoint; the dense model if no round lowered its loss
   */
  Path of(List<Path> subsets, Optional<Path> instructions) {
    var best =
        Rounds.run(
            settings.model(),
            subsets.size(),
            Convergence.NEVER,
            (round, checkpoint) -> Optional.of(subsets.get(round)),
            (round, checkpoint, subset) ->
                trained.computeIfAbsent(subset, any -> round(round, checkpoint, subset)));
    return instructions.map(subset -> instruct(best, subset)).orElse(best);
  }

  private Rounds.Done round(int round, Path checkpoint, Path subset) {
    var name = "round-" + round;
    var learner = placed.ceiling(placed.recover(round, checkpoint, subset), name);
    var losses = RecoverStage.losses(stages.stage("ceiling round " + round, learner));
    return new Rounds.Done(learner.output(), losses.get(0).mean(), losses.get(1).mean());
  }

  private Path instruct(Path checkpoint, Path subset) {
    var learner = placed.ceiling(placed.instruct(checkpoint, subset), "instruct");
    stages.stage("ceiling instructions", learner);
    return learner.output();
  }
}
