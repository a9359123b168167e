package io.lorashear.contest;

import java.nio.file.Path;
import java.util.List;

/**
 * Where the stages of one cell publish.
 *
 * @param dense the model that all begins with
 * @param prunes whether there is anything but the dense model
 */
record CellFolder(Path root, Path dense, Recovery recovery, boolean prunes) {

  static CellFolder of(ContestSettings contest, Cell cell) {
    var root = contest.work().resolve("models").resolve(cell.name());
    return new CellFolder(root, contest.model(), contest.recovery(), !cell.equals(Cell.DENSE));
  }

  /** What pruning makes; the dense model where nothing is pruned. */
  Path pruned() {
    return prunes ? root.resolve("pruned") : dense;
  }

  /** What the round on text makes. */
  Path recovered() {
    return root.resolve("recovered");
  }

  /** What the round on instructions begins with. */
  Path beforeInstructions() {
    return recovery.text() ? recovered() : pruned();
  }

  /** What the round on instructions makes. */
  Path instructed() {
    return root.resolve("instructed");
  }

  /** The model that is measured in the end. */
  Path last() {
    if (!prunes) {
      return dense;
    }
    return recovery.instructions() ? instructed() : beforeInstructions();
  }

  /** All models that the stages publish, some of which are not wanted. */
  List<Path> models() {
    return List.of(root.resolve("pruned"), recovered(), instructed());
  }

  Path evaluation() {
    return root.resolve("evaluation");
  }
}
