package io.lorashear.spark.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The paths at which the stages of a pipeline publish. */
record WorkFolder(Path root) {

  Path documents() {
    return root.resolve("documents");
  }

  Path corpus() {
    return root.resolve("corpus");
  }

  Path profile() {
    return root.resolve("profile");
  }

  Path pruned() {
    return root.resolve("pruned");
  }

  /** Losses of the model with this name: dense, pruned, round-0, … */
  Path losses(String model) {
    return root.resolve("losses").resolve(model);
  }

  /** The subset of the round with this name: round-0, …, instruct. */
  Path subset(String round) {
    return root.resolve("subsets").resolve(round);
  }

  /** The dense model's predictions of the subset of this round: round-0, …, instruct. */
  Path teacher(String round) {
    return root.resolve("teachers").resolve(round);
  }

  Path recovered(String round) {
    return root.resolve("recovered").resolve(round);
  }

  /**
   * All models that a pipeline writes.
   *
   * @param rounds maximum number of rounds
   * @param instructions whether there is a stage that trains on instructions
   */
  List<Path> models(int rounds, boolean instructions) {
    var models = new ArrayList<>(List.of(pruned()));
    for (int round = 0; round < rounds; round++) {
      models.add(recovered("round-" + round));
    }
    if (instructions) {
      models.add(recovered("instruct"));
    }
    return models;
  }

  Path evaluation(String model) {
    return root.resolve("evaluation").resolve(model);
  }

  Path report() {
    return root.resolve("report");
  }
}
