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

  /** The dense model after the same rounds: round-0, …, instruct. */
  Path ceiling(String round) {
    return root.resolve("ceiling").resolve(round);
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
   * The names of the stages of recovery: round-0, …, instruct.
   *
   * @param rounds maximum number of rounds
   * @param instructions whether there is a stage that trains on instructions
   */
  static List<String> recoveries(int rounds, boolean instructions) {
    var names = new ArrayList<String>();
    for (int round = 0; round < rounds; round++) {
      names.add("round-" + round);
    }
    if (instructions) {
      names.add("instruct");
    }
    return names;
  }

  Path evaluation(String model) {
    return root.resolve("evaluation").resolve(model);
  }

  Path report() {
    return root.resolve("report");
  }
}
