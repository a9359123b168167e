package io.lorashear.contest;

import java.nio.file.Path;
import java.util.List;

/**
 * The paths at which the stages of one cell publish.
 *
 * @param dense the dense model
 * @param prunes whether the cell prunes; false for the dense model
 */
record CellFolder(Path root, Path dense, Recovery recovery, boolean prunes) {

  static CellFolder of(ContestSettings contest, Cell cell) {
    var root = contest.work().resolve("models").resolve(cell.name());
    return new CellFolder(root, contest.model(), contest.recovery(), !cell.equals(Cell.DENSE));
  }

  /** The pruned model; the dense model if nothing is pruned. */
  Path pruned() {
    return prunes ? root.resolve("pruned") : dense;
  }

  /** The model after the round on text. */
  Path recovered() {
    return root.resolve("recovered");
  }

  /** The model before the round on instructions. */
  Path beforeInstructions() {
    return recovery.text() ? recovered() : pruned();
  }

  /** The model after the round on instructions. */
  Path instructed() {
    return root.resolve("instructed");
  }

  /** The model that is measured at the end. */
  Path last() {
    if (!prunes) {
      return dense;
    }
    return recovery.instructions() ? instructed() : beforeInstructions();
  }

  /** All models that the stages of the cell can publish. */
  List<Path> models() {
    return List.of(root.resolve("pruned"), recovered(), instructed());
  }

  Path evaluation() {
    return root.resolve("evaluation");
  }
}
