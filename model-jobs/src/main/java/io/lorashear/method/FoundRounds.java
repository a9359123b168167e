package io.lorashear.method;

import io.lorashear.checkpoint.JsonFile;
import io.lorashear.dependency.Groups;
import io.lorashear.method.PruningMethod.Task;
import io.lorashear.torch.TorchModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What each round of a one-shot method prunes of the dense model, which is closed afterwards. It is
 * kept in the task's folder for states, so that a killed run does not look again.
 */
final class FoundRounds {
  private static final String FILE = "rounds.json";
  private static final String ROUNDS = "rounds";

  private FoundRounds() {}

  /** Those of {@code method}, the first to go first. */
  static List<Groups> of(Task task, ByScore method) {
    var scratch = task.scratch();
    var file = scratch == null ? null : scratch.resolve(FILE);
    if (file != null && Files.isRegularFile(file)) {
      return read(file);
    }
    var placement = task.settings().train().placement(task.device());
    try (var dense = TorchModel.load(task.graph(), List.of(task.tensors()), placement, Set.of())) {
      var found = method.inRounds(new Calibration(task, dense));
      if (file != null) {
        write(file, found);
      }
      return found;
    }
  }

  private static List<Groups> read(Path file) {
    var rounds = new ArrayList<Groups>();
    JsonFile.read(file).path(ROUNDS).forEach(round -> rounds.add(Groups.fromJson(round)));
    return List.copyOf(rounds);
  }

  private static void write(Path file, List<Groups> found) {
    var json = JsonFile.object();
    var rounds = json.putArray(ROUNDS);
    found.forEach(round -> rounds.add(round.toJson()));
    JsonFile.replace(file, json);
  }
}
