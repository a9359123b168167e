package io.lorashear.spark.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where each stage of a line publishes. */
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

  /** Losses of a model by its name: dense, pruned, round-0, … */
  Path losses(String model) {
    return root.resolve("losses").resolve(model);
  }

  /** What is drawn for a round by its name: round-0, …, instruct. */
  Path subset(String round) {
    return root.resolve("subsets").resolve(round);
  }

  /** What the dense model expects of a subset by its round: round-0, …, instruct. */
  Path teacher(String round) {
    return root.resolve("teachers").resolve(round);
  }

  Path recovered(String round) {
    return root.resolve("recovered").resolve(round);
  }

  /**
   * All models that a line writes.
   *
   * @param rounds at most
   * @param instructions whether the last stage learns from some
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
