package io.lorashear.spark.schedule;

import io.lorashear.InputException;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.spark.schedule.Attempt.Output;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The state after the finished rounds.
 *
 * @param round number of the next round, from 0
 * @param documents documents of all rounds, in order
 * @param corpus corpus of all documents; empty before the first round
 * @param subset subset that was drawn last
 * @param model current model
 * @param before model that the last round began with; the current one before the first round
 */
public record State(
    int round,
    List<Path> documents,
    Optional<Path> corpus,
    Optional<Path> subset,
    Path model,
    Path before) {

  static final String DOCUMENTS = "documents";
  static final String CORPUS = "corpus";
  static final String SUBSET = "subset";
  static final String MODEL = "model";

  /**
   * The state by a history, after checking that the named outputs are unchanged.
   *
   * @throws InputException if one has changed
   */
  static State of(History history, ScheduleSettings settings) {
    var done = history.done();
    var documents =
        done.stream().map(each -> found(each, DOCUMENTS, settings.work()).orElseThrow()).toList();
    return new State(
        done.size(),
        documents,
        last(done, CORPUS, settings.work()),
        last(done, SUBSET, settings.work()),
        last(done, MODEL, settings.work()).orElse(settings.pruned()),
        last(done.subList(0, Math.max(0, done.size() - 1)), MODEL, settings.work())
            .orElse(settings.pruned()));
  }

  private static Optional<Path> last(List<Attempt> done, String name, Path work) {
    return done.stream()
        .filter(each -> each.outputs().containsKey(name))
        .reduce((first, second) -> second)
        .flatMap(each -> found(each, name, work));
  }

  private static Optional<Path> found(Attempt attempt, String name, Path work) {
    return Optional.ofNullable(attempt.outputs().get(name))
        .map(output -> unchanged(attempt, output, work));
  }

  private static Path unchanged(Attempt attempt, Output output, Path work) {
    var folder = work.resolve(output.path());
    if (!PublishedDirectory.open(folder).hash().equals(output.hash())) {
      throw new InputException(
          "%s is not what run %d published there: put that back, or begin a new work folder",
          folder, attempt.number());
    }
    return folder;
  }
}
