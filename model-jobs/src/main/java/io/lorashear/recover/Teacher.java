package io.lorashear.recover;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SoftTargets;
import io.lorashear.corpus.TeacherRows;
import io.lorashear.family.ModelConfig;
import io.lorashear.run.Progress;
import io.lorashear.score.Scorer;
import io.lorashear.torch.Placement;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.Distillation;
import io.lorashear.train.Draw;
import io.lorashear.vocabulary.CutModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the teacher of a round says about its rows: read from its loss report, or scored by the
 * model itself, which is closed before the one that learns is opened. If the one that learns has
 * lost tokens, the teacher scores without them: then its probabilities are those of the tokens that
 * both have.
 */
final class Teacher implements AutoCloseable {
  private final DistillationSettings settings;
  private final @Nullable TeacherRows rows;

  private Teacher(DistillationSettings settings, @Nullable TeacherRows rows) {
    this.settings = settings;
    this.rows = rows;
  }

  /**
   * The teacher's predictions for all rows that the round trains on.
   *
   * @param scratch folder for a file with them; it is deleted on closing
   * @throws InputException if the teacher does not fit the rows or the model that learns
   */
  static Teacher of(
      RecoverSettings settings,
      Draw draw,
      List<Sequence> rows,
      Path scratch,
      Device device,
      Progress progress) {
    var distillation = settings.distillation();
    if (distillation.weight() == 0) {
      return new Teacher(distillation, null);
    }
    var file = scratch.resolve("teacher.rows");
    boolean apart = settings.train().isolateDocuments();
    return new Teacher(
        distillation,
        distillation.checkpoint().isPresent()
            ? scored(settings, rows, file, device, progress)
            : draw.teacher(distillation.teacher().orElseThrow(), rows, apart, file));
  }

  private static TeacherRows scored(
      RecoverSettings settings, List<Sequence> rows, Path file, Device device, Progress progress) {
    boolean apart = settings.train().isolateDocuments();
    var distillation = settings.distillation();
    try (var teacher = Checkpoint.open(distillation.checkpoint().orElseThrow());
        var learner = Checkpoint.open(settings.checkpoint())) {
      var cut = CutModel.like(learner, teacher);
      requireSameVocabulary(cut.config(), teacher, learner);
      var placement = Placement.of(device, settings.train().precision().on(device));
      try (var model = TorchModel.load(cut.graph(), List.of(cut.tensors()), placement, Set.of());
          var scorer = Scorer.over(model, cut.config().maximumPositions());
          var work = progress.begin("teacher", rows.size(), "rows")) {
        int top = Math.min(distillation.top(), cut.config().vocabularySize());
        return TeacherRows.of(
            top,
            rows,
            row -> {
              work.step(1);
              return predictions(scorer, row, apart, top);
            },
            file);
      }
    }
  }

  private static SoftTargets predictions(Scorer scorer, Sequence row, boolean apart, int top) {
    var starts = apart ? List.of(row.starts()) : null;
    return scorer.predictions(List.of(row.inputIds()), starts, top).get(0).targets();
  }

  private static void requireSameVocabulary(
      ModelConfig teaches, Checkpoint teacher, Checkpoint learner) {
    int taught = teaches.vocabularySize();
    int learnt = learner.config().vocabularySize();
    if (taught != learnt) {
      throw new InputException(
          "the teacher %s has %,d token ids, but %s, which is to learn from it, has %,d: give"
              + " distillation.checkpoint a model with the same vocabulary",
          teacher.path(), taught, learner.path(), learnt);
    }
  }

  /** What is learnt from it; null if nothing is. */
  @Nullable Distillation learnt() {
    return rows == null
        ? null
        : new Distillation(rows::of, settings.weight(), settings.temperature());
  }

  @Override
  public void close() {
    if (rows != null) {
      rows.close();
    }
  }
}
