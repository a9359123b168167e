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
 * What reading told of the records, batch by batch, noted beside each batch's rows: nobody has to
 * count them again, nor does a run that goes on after a kill.
 *
 * @param documents that no rule has dropped
 * @param bytes of their texts
 * @param broken files that could not be read to their end, each with all that was wrong, in order
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

  /** Of all batches. */
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

  /** With documents that were published before; a character of theirs is a byte at least. */
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

  /** Of one batch; {@link #of} reads it. */
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
