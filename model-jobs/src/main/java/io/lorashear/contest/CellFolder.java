package io.lorashear.contest;

import java.nio.file.Path;
import java.util.List;

/**
 * The paths at which the stages of one cell publish.
 *
 * @param first folder of the cell that the pruned model is named after, of all that share it
 * @param dense the dense model, or the ceiling that a row prunes in its place
 * @param recovery none for the dense model
 * @param prunes whether the cell prunes; false for the dense model and a ceiling
 */
record CellFolder(Path root, Path first, Path dense, Recovery recovery, boolean prunes) {

  static CellFolder of(ContestSettings contest, Cell cell) {
    var models = contest.work().resolve("models");
    return new CellFolder(
        models.resolve(cell.name()),
        models.resolve(contest.prunedAs(cell).name()),
        contest.prunesCeiling(cell.method())
            ? of(contest, Cell.ceiling(cell.seed())).last()
            : contest.model(),
        cell.equals(Cell.DENSE) ? Recovery.NONE : contest.recovery(),
        cell.prunes());
  }

  /** Any paths, for settings that are only checked. */
  static CellFolder any() {
    var any = Path.of("any");
    return new CellFolder(any, any, any, Recovery.NONE, true);
  }

  /** The pruned model; the dense model if nothing is pruned. */
  Path pruned() {
    return prunes ? first.resolve("pruned") : dense;
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
    return recovery.instructions() ? instructed() : beforeInstructions();
  }

  /** All models that no other cell reads. */
  List<Path> own() {
    return List.of(recovered(), instructed());
  }

  Path evaluation() {
    return root.resolve("evaluation");
  }
}
