package io.lorashear.spark.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorashear.spark.source.Inputs;
import io.lorashear.spark.source.Unreadable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Summary of the records that were read, noted with the rows of each batch, so that they need not
 * be counted again, not even by a run that resumes after a kill.
 *
 * @param documents number of documents that no rule dropped
 * @param bytes bytes of their texts
 * @param broken files that could not be read to their end, each with all faults, in order
 */
record Staged(long documents, long bytes, TreeSet<Broken> broken) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** A file that could not be read. */
  record Broken(String source, String file, String problem) implements Comparable<Broken> {
    private static final Comparator<Broken> ORDER =
        Comparator.comparing(Broken::source)
            .thenComparing(Broken::file)
            .thenComparing(Broken::problem);

    @Override
    public int compareTo(Broken other) {
      return ORDER.compare(this, other);
    }
  }

  /** The sum over all batches. */
  static Staged of(Collection<String> notes) {
    var documents = 0L;
    var bytes = 0L;
    var broken = new TreeSet<Broken>();
    for (var note : notes) {
      var batch = parsed(note);
      documents += batch.path("documents").asLong();
      bytes += batch.path("bytes").asLong();
      for (var file : batch.path("broken")) {
        broken.add(
            new Broken(
                file.path("source").asText(),
                file.path("file").asText(),
                file.path("problem").asText()));
      }
    }
    return new Staged(documents, bytes, broken);
  }

  /**
   * The sum with documents that were published earlier; one character counts as at least one byte.
   */
  Staged and(List<PublishedDocuments> earlier) {
    var sources =
        earlier.stream()
            .flatMap(each -> IngestReport.of(each.folder().manifest()).sources().stream())
            .toList();
    return new Staged(
        documents + sources.stream().mapToLong(SourceReport::documents).sum(),
        bytes + sources.stream().mapToLong(SourceReport::characters).sum(),
        broken);
  }

  private static JsonNode parsed(String note) {
    try {
      return JSON.readTree(note);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The note of one batch; {@link #of} reads it. */
  String note() {
    return JSON.valueToTree(this).toString();
  }

  /** The files that could not be read, by the paths at which {@code inputs} found them. */
  List<Unreadable> unreadable(Inputs inputs) {
    return broken.stream()
        .map(file -> inputs.unreadable(file.source(), file.file(), file.problem()))
        .toList();
  }
}
