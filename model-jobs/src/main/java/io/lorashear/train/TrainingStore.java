package io.lorashear.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.optim.Optimizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Saved states of a run on disk, the newest two.
 *
 * <pre>
 *   step-00000050/state.safetensors    the optimizer's arrays: what training changed
 *   step-00000050/state.json           its values, the result of every step, and the run's identity
 * </pre>
 *
 * A state is written into a hidden folder that is renamed when it is complete.
 */
public final class TrainingStore {
  private static final String PREFIX = "step-";
  private static final String ARRAYS = "state.safetensors";
  private static final String VALUES = "state.json";
  private static final int KEPT = 2;

  private final Path directory;
  private final String run;

  /**
   * States in {@code directory}, which need not exist.
   *
   * @param run identifies settings and inputs of the run; a state of another run is refused
   */
  public TrainingStore(Path directory, String run) {
    this.directory = directory;
    this.run = run;
  }

  /** Saves the current state of the run. */
  void save(Optimizer optimizer, List<StepResult> history) {
    var name = PREFIX + "%08d".formatted(history.size());
    NamedArrays.publish(
        directory.resolve(name),
        unfinished -> {
          NamedArrays.write(unfinished.resolve(ARRAYS), optimizer.arrays());
          JsonFile.write(unfinished.resolve(VALUES), json(optimizer, history));
        });
    try {
      var states = states();
      for (var state : states.subList(0, Math.max(0, states.size() - KEPT))) {
        NamedArrays.delete(state);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ObjectNode json(Optimizer optimizer, List<StepResult> history) {
    var json = JsonFile.object();
    json.put("run", run);
    json.set("optimizer", optimizer.values());
    var steps = json.putArray("history");
    for (var step : history) {
      steps
          .addArray()
          .add(step.step())
          .add(step.loss())
          .add(step.gradientNorm())
          .add(step.learningRate())
          .add(step.tokens());
    }
    return json;
  }

  /**
   * Restores {@code optimizer}, whose weights must be the initial ones, and {@code history} from
   * the newest state; leaves them unchanged if there is none.
   *
   * @throws InputException when the state belongs to another run or cannot be read
   */
  void restore(Optimizer optimizer, List<StepResult> history) {
    var states = states();
    if (states.isEmpty()) {
      return;
    }
    var newest = states.get(states.size() - 1);
    var json = JsonFile.read(newest.resolve(VALUES));
    if (!json.path("run").asText().equals(run)) {
      throw new InputException(
          "%s is the state of a run with other settings or inputs: remove %s to begin anew",
          newest, directory);
    }
    var values = (ObjectNode) json.path("optimizer");
    optimizer.expect(values);
    NamedArrays.read(newest.resolve(ARRAYS), optimizer.arrays());
    optimizer.restore(values);
    json.path("history").forEach(step -> history.add(result(step)));
  }

  private static StepResult result(JsonNode step) {
    return new StepResult(
        step.get(0).asLong(),
        step.get(1).asDouble(),
        step.get(2).asDouble(),
        step.get(3).asDouble(),
        step.get(4).asLong());
  }

  private List<Path> states() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (var entries = Files.list(directory)) {
      return entries
          .filter(entry -> entry.getFileName().toString().startsWith(PREFIX))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
