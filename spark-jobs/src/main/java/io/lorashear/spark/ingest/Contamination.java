package io.lorashear.spark.ingest;

import io.lorashear.spark.decontaminate.Leaks;
import io.lorashear.spark.decontaminate.Reference;
import io.lorashear.spark.decontaminate.TaskLeaks;
import io.lorashear.spark.overlap.ParagraphRemoval;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Removes evaluation text from documents. */
final class Contamination implements AutoCloseable {
  private final Reference reference;
  private final double most;
  private final Shuffles shuffles;
  private @Nullable Dataset<Row> read;
  private @Nullable Leaks leaks;

  /**
   * @param most share from which a document is dropped as a whole
   * @param shuffles shuffles of all comparisons
   */
  Contamination(Reference reference, double most, Shuffles shuffles) {
    this.reference = reference;
    this.most = most;
    this.shuffles = shuffles;
  }

  /** The verdicts without the paragraphs that were found; valid until this is closed. */
  Dataset<Row> mark(Dataset<Row> verdicts) {
    if (reference.isEmpty()) {
      return verdicts;
    }
    read = shuffles.kept(verdicts);
    leaks = Leaks.in(read, reference);
    return new ParagraphRemoval(most).from(read, leaks.found());
  }

  /** Numbers of items searched for and found, by task; empty before {@link #mark}. */
  List<TaskLeaks> tasks() {
    return leaks == null ? List.of() : leaks.tasks();
  }

  @Override
  public void close() {
    if (leaks != null && read != null) {
      leaks.close();
      read.unpersist();
    }
  }
}
