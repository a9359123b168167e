package io.lorashear.spark.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorashear.InputException;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.spark.source.RawFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which raw files were read, and which no longer exist: {@code raw.jsonl} next to the documents.
 * Files are identified by content: a renamed file is the same, a changed file is new.
 *
 * @param read files that this publication read
 * @param gone files that an earlier publication read, and that this one is the first to miss
 */
public record Ledger(List<RawFile> read, List<RawFile> gone) {
  private static final String FILE = "raw.jsonl";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  public Ledger {
    read = List.copyOf(read);
    gone = List.copyOf(gone);
  }

  /**
   * Finds the new files among the present ones. Of new files with the same content only the first
   * by path is read.
   *
   * @param present all files of the sources, with their hashes
   */
  public static Ledger of(List<RawFile> present, List<Ledger> earlier) {
    var known = new ArrayList<RawFile>();
    earlier.forEach(each -> known.addAll(each.read));
    var missed = new ArrayList<RawFile>();
    earlier.forEach(each -> missed.addAll(each.gone));
    var contents = contents(known);
    var read = present.stream().filter(file -> contents.add(Content.of(file))).toList();
    var there = contents(present);
    there.addAll(contents(missed));
    var gone = known.stream().filter(file -> !there.contains(Content.of(file))).toList();
    return new Ledger(read, gone);
  }

  /** The identity of a file. */
  private record Content(String source, String sha256) {
    static Content of(RawFile file) {
      return new Content(file.source(), file.sha256());
    }
  }

  /** Names of the sources whose files were read. */
  public static Set<String> sources(List<Ledger> ledgers) {
    return ledgers.stream()
        .flatMap(each -> each.read.stream())
        .map(RawFile::source)
        .collect(Collectors.toSet());
  }

  private static Set<Content> contents(List<RawFile> files) {
    return files.stream().map(Content::of).collect(Collectors.toCollection(HashSet::new));
  }

  void write(Path folder) throws IOException {
    try (var lines = Files.newBufferedWriter(folder.resolve(FILE))) {
      for (var file : read) {
        lines.append(line(file, false)).append('\n');
      }
      for (var file : gone) {
        lines.append(line(file, true)).append('\n');
      }
    }
  }

  private static String line(RawFile file, boolean gone) {
    return JSON.createObjectNode()
        .put("source", file.source())
        .put("name", file.name())
        .put("sha256", file.sha256())
        .put("gone", gone)
        .toString();
  }

  /**
   * The ledger of a folder of documents.
   *
   * @throws InputException if it has none, which happens with older versions of this program
   */
  public static Ledger in(PublishedDirectory documents) {
    if (documents.files().stream().noneMatch(file -> file.name().equals(FILE))) {
      throw new InputException(
          "%s does not tell which files it was made of: ingest it again", documents.directory());
    }
    var read = new ArrayList<RawFile>();
    var gone = new ArrayList<RawFile>();
    try (var lines = Files.newBufferedReader(documents.verified(FILE))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        var node = JSON.readTree(line);
        (node.path("gone").asBoolean() ? gone : read).add(file(node));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Ledger(read, gone);
  }

  private static RawFile file(JsonNode node) {
    return new RawFile(
        node.path("source").asText(), node.path("name").asText(), "", node.path("sha256").asText());
  }
}
